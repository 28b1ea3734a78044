import { describe, expect, it } from "vitest";
import { readSpool } from "../events.ts";
import { eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount, storedRows } from "./stored.ts";

describe("what the spool acknowledged", () => {
  it("is on the server exactly once, of each host, and the read API shows it", async () => {
    const fleet = await createFleet();
    const hosts = [fleet.host("h1"), fleet.host("h2")];
    await fleet.serve();
    for (const host of hosts) {
      host.fill.start({ events: 2000 });
      host.send();
    }
    await eventually(() => hosts.every(({ fill }) => fill.count() === 2000));
    for (const host of hosts) {
      await arrived(host);
      expect(await expectExactlyOnce(host)).toBe(2000);
      await expectCleanLedger(host, 2000);
      const shown = await fleet.events(host.id, ["file_change"]);
      expect(new Set(shown.map(({ event_id }) => event_id))).toEqual(
        new Set(host.fill.ids().keys()),
      );
    }
    const { items } = await fleet.hosts();
    expect(items.map(({ host_id, irregular }) => [host_id, irregular])).toEqual([
      ["h1", false],
      ["h2", false],
    ]);
  });

  it("is carried by `once`, which ends when nothing is left", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await host.fill.start({ events: 300 }).ended;
    const failed = await host.command(["once"]);
    expect(failed.code).toBeGreaterThan(0);
    await fleet.serve();
    expect(await host.command(["once"])).toMatchObject({ code: 0 });
    expect(await expectExactlyOnce(host)).toBe(300);
  });

  it("of a real agent arrives, also what it recorded while no sender ran", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await fleet.serve();
    const agent = await host.watch();
    host.write(".claude/settings.json", "{}\n");
    await eventually(async () => (await readSpool(host.spool)).length > 0);
    const sender = host.send();
    await eventually(() => storedCount(fleet.db, "h1") > 0);
    await sender.stop();

    const before = storedCount(fleet.db, "h1");
    for (let index = 0; index < 50; index += 1) host.write(`.claude/hooks/f${index}.sh`, "x\n");
    await eventually(async () => (await readSpool(host.spool)).length >= before + 50);
    expect(storedCount(fleet.db, "h1")).toBe(before);
    host.send();
    await agent.stop();
    const recorded = await readSpool(host.spool);
    await eventually(() => storedCount(fleet.db, "h1") === recorded.length);
    await expectExactlyOnce(host);
    // The sender's own heartbeat comes in a stream of its own.
    await eventually(() =>
      storedRows(fleet.db, "h1", "sender").some(({ kind }) => kind === "sender_heartbeat"),
    );
  });
});

describe("a second sender on the same spool", () => {
  it("refuses to run, and the first goes on", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    await fleet.serve();
    await host.fill.start({ events: 100 }).ended;
    const first = host.send();
    await arrived(host);
    const second = await host.command(["run"]);
    expect(second.code).toBe(4);
    expect(second.log).toMatch(/sigil-sender: error: .*\nsigil-sender: hint: /);
    const once = await host.command(["once"]);
    expect(once.code).toBe(4);
    expect(first.over()).toBeNull();
    await host.fill.start({ events: 100 }).ended;
    await arrived(host);
    expect(await expectExactlyOnce(host)).toBe(200);
  });
});
