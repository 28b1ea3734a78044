import {
  copyFileSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { applyRetention } from "@sigil/spool";
import { describe, expect, it } from "vitest";
import { eventually } from "../harness.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { expectCleanLedger, spoolLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount } from "./stored.ts";

async function shipped(events: number) {
  const fleet = await createFleet();
  const host = fleet.host("h1");
  const server = await fleet.serve();
  const sender = host.send();
  await host.fill.start({ events, append: 100 }).ended;
  await arrived(host);
  await eventually(() => host.checkpoint() === events);
  return { fleet, host, server, sender };
}

/** Overwrites the middle of the store, as a failing disk does. */
function damage(file: string): void {
  const { size } = statSync(file);
  const handle = openSync(file, "r+");
  for (let at = 4096; at < size; at += 8192)
    writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, at);
  closeSync(handle);
}

function asides(fleet: Fleet): string[] {
  return readdirSync(fleet.serverDir).filter((name) => /^server\.db\.damaged-[\d-]+$/.test(name));
}

describe("server.db", () => {
  it.each([
    ["damaged in the middle", damage],
    [
      "no database any more",
      (file: string) => writeFileSync(file, "not a database\n".repeat(1000)),
    ],
  ])(
    "that is %s is set aside, and the sender sends all again that it still has",
    async (_, harm) => {
      const { fleet, host, server } = await shipped(1500);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      harm(fleet.db);
      await host.fill.start({ events: 100 }).ended;
      const again = await fleet.serve();
      await arrived(host);
      expect(asides(fleet)).toHaveLength(1);
      expect(again.log()).toContain("damaged");
      expect(await expectExactlyOnce(host)).toBe(1600);
      await expectCleanLedger(host, 1600);
    },
  );

  it("that is restored from an old backup gets again what it lost", async () => {
    const { fleet, host, server } = await shipped(1000);
    await server.stop();
    const backup = `${fleet.db}.backup`;
    copyFileSync(fleet.db, backup);
    const second = await fleet.serve();
    await host.fill.start({ events: 1000, append: 100 }).ended;
    await arrived(host);
    await eventually(() => host.checkpoint() === 2000);
    await second.stop();
    for (const suffix of ["-wal", "-shm"]) rmSync(fleet.db + suffix, { force: true });
    copyFileSync(backup, fleet.db);
    expect(storedCount(fleet.db, "h1")).toBe(1000);

    await fleet.serve();
    // The sender learns of it when it has something to say.
    await host.fill.start({ events: 1 }).ended;
    await arrived(host);
    expect(await expectExactlyOnce(host)).toBe(2001);
    // That what came before is not what the sender built on stays in the ledger.
    await expectCleanLedger(host, 2001, { chain_breaks: 1 });
  });

  it("that is restored when the sender has no longer what was lost: the ledger names the gap", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const server = await fleet.serve();
    const sender = host.send();
    // Segments of a few events each, of which the spool keeps only the last ones.
    const settings = { segment_max_bytes: 16_384, soft_max_bytes: 65_536 };
    await host.fill.start({ events: 100, settings }).ended;
    await arrived(host);
    await server.stop();
    const backup = `${fleet.db}.backup`;
    copyFileSync(fleet.db, backup);
    const second = await fleet.serve();
    await host.fill.start({ events: 900, settings }).ended;
    await arrived(host);
    await eventually(() => host.checkpoint() === 1000);
    await second.stop();
    await sender.stop();
    const { evicted } = await applyRetention({
      dir: host.spool,
      consumed: host.checkpoint(),
      clock: { now: Date.now },
      settings,
    });
    const kept = (evicted.at(-1)?.last_sequence ?? 0) + 1;
    expect(kept).toBeGreaterThan(200);
    for (const suffix of ["-wal", "-shm"]) rmSync(fleet.db + suffix, { force: true });
    copyFileSync(backup, fleet.db);

    await fleet.serve();
    await host.fill.start({ events: 1, settings }).ended;
    host.send();
    await eventually(() => storedCount(fleet.db, "h1") === 100 + (1001 - kept + 1));
    const ledger = await spoolLedger(host);
    expect(ledger.high_water).toBe(1001);
    expect(ledger.gaps).toMatchObject([{ from: 101, to: kept - 1, reason: "evicted" }]);
  });
});
