import { describe, expect, it } from "vitest";
import { readSpool } from "../events.ts";
import { eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import type { FleetHost } from "./host.ts";
import { LONG, seeded, show } from "../long.ts";
import { expectCleanLedger } from "./load.ts";
import type { Program } from "./program.ts";
import { arrived, countLost, expectExactlyOnce, storedCount } from "./stored.ts";

const ROUNDS = LONG ? 50 : 4;
const TIMEOUT = LONG ? 600_000 : 60_000;

type Part = "server" | "sender" | "agent";

/** Kills these parts in each round, at a random moment while events flow, and starts them again. */
async function killLoop(parts: readonly Part[], seed: number): Promise<void> {
  const fleet = await createFleet();
  const host = fleet.host("h1");
  const random = seeded(seed);
  const launch: Record<Part, () => Promise<Program>> = {
    server: () => fleet.serve(),
    sender: () => Promise.resolve(host.send()),
    agent: () => filling(host),
  };
  const running = {
    server: await launch.server(),
    sender: await launch.sender(),
    agent: await launch.agent(),
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const stored = storedCount(fleet.db, "h1");
    const filled = host.fill.count();
    const more = 1 + Math.floor(random() * 600);
    await eventually(
      () => storedCount(fleet.db, "h1") >= stored + more && host.fill.count() > filled,
    );
    for (const part of parts) await running[part].kill();
    for (const part of parts) running[part] = await launch[part]();
  }
  await running.agent.stop();
  await settled(host);
  const events = await expectExactlyOnce(host);
  const { replays, batches } = await expectCleanLedger(host, events);
  expect(events).toBeGreaterThanOrEqual(ROUNDS);
  show({ rounds: ROUNDS, lost: await countLost(host), did: { events, batches, replays } });
}

/** Writing again: what a killed one left half done is mended. */
async function filling(host: FleetHost): Promise<Program> {
  const filler = host.fill.start();
  await filler.said("filling");
  return filler;
}

/** All that is in the spool, acknowledged to the filler or not, is on the server. */
async function settled(host: FleetHost): Promise<void> {
  const { length } = await readSpool(host.spool);
  await eventually(() => storedCount(host.fleet.db, host.id) >= length, 30_000);
}

describe("kill -9 at random under load", () => {
  it.each([
    ["the server", ["server"]],
    ["the sender", ["sender"]],
    ["who writes the spool", ["agent"]],
    ["all three together", ["server", "sender", "agent"]],
  ] as const)(
    "of %s: every acknowledged event is on the server exactly once",
    async (_, parts) => {
      await killLoop(parts, 20_260_510 + parts.length);
    },
    TIMEOUT,
  );

  it(
    "of the real agent, while files change: what it recorded is on the server exactly once",
    async () => {
      const fleet = await createFleet();
      const host = fleet.host("h1");
      const random = seeded(7);
      await fleet.serve();
      host.send();
      let changes = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const agent = await host.watch();
        const stored = storedCount(fleet.db, "h1");
        const more = 1 + Math.floor(random() * 20);
        await eventually(() => {
          changes += 1;
          host.write(`.claude/hooks/f${changes % 40}.sh`, `${changes}\n`);
          return storedCount(fleet.db, "h1") >= stored + more;
        });
        await agent.kill();
      }
      const last = await host.watch();
      await last.stop();
      await settled(host);
      await arrived(host);
      const events = await expectExactlyOnce(host);
      await expectCleanLedger(host, events);
      show({ rounds: ROUNDS, lost: await countLost(host), did: { changes, events } });
    },
    TIMEOUT,
  );
});
