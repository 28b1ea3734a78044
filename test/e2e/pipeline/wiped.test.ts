import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount, storedRows } from "./stored.ts";

describe("a spool that was wiped", () => {
  it("under a running sender is another spool: nothing is a replay, and all of both is there", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await fleet.serve();
    const sender = host.send();
    await host.fill.start({ events: 200 }).ended;
    await arrived(host);
    rmSync(host.spool, { recursive: true });
    await host.fill.start({ events: 100 }).ended;
    await arrived(host);
    const stored = new Set(storedRows(fleet.db, "h1").map(({ event_id }) => event_id));
    expect(stored).toEqual(new Set(host.fill.ids().keys()));
    const { spools, duplicate_identity } = await fleet.ledger("h1");
    const agents = spools.filter(({ stream }) => stream === "agent");
    expect(
      agents
        .map(({ high_water, gaps, replays, forks }) => [high_water, gaps, replays, forks])
        .toSorted(([a], [b]) => Number(a) - Number(b)),
    ).toEqual([
      [100, [], 0, 0],
      [200, [], 0, 0],
    ]);
    expect(duplicate_identity).toBe(false);
    expect(sender.over()).toBeNull();
  });
});

describe("a sender whose own directory was lost", () => {
  it("sends all again: the server knows it", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await fleet.serve();
    const first = host.send();
    await host.fill.start({ events: 300 }).ended;
    await arrived(host);
    await eventually(() => host.checkpoint() === 300);
    await first.stop();
    renameSync(host.senderDir, join(host.home, "lost"));
    host.send();
    await eventually(() => host.checkpoint() === 300);
    expect(await expectExactlyOnce(host)).toBe(300);
    const { replays } = await expectCleanLedger(host, 300);
    expect(replays).toBeGreaterThanOrEqual(1);
  });
});

describe("a sender that ends", () => {
  it("says goodbye once, and takes nothing back that was acknowledged", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await host.fill.start({ events: 100 }).ended;
    const hopeless = host.send();
    await hopeless.said("connection-refused");
    await hopeless.stop();
    await fleet.serve();
    const sender = host.send();
    await arrived(host);
    // What the first one wanted to say: its goodbye travels on the connection that the second one's takes too.
    await eventually(() => storedCount(fleet.db, "h1", "sender") > 0);
    expect(await sender.stop()).toEqual({ code: 0, signal: null });
    expect(sender.log()).not.toContain("lost events");
    const goodbyes = storedRows(fleet.db, "h1", "sender").filter(({ line }) =>
      line.includes('"is_final":true'),
    );
    expect(goodbyes).toHaveLength(2);
    const { spools } = await fleet.ledger("h1");
    expect(spools.map(({ replays }) => replays)).toEqual([0, 0]);
  });
});
