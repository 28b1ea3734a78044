import { mkdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "vitest";
import { fileEvents } from "../events.ts";
import { createHost, eventually, type TestHost } from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";
import { checkSpool } from "./lost.ts";

const HOOKS = ".claude/hooks";
const COMMANDS = ".claude/commands";

/** Changes guard files without a pause until told to stop: writes, replaces, renames, removals. */
function load(host: TestHost, random: () => number) {
  let stopped = false;
  let count = 0;
  const done = (async () => {
    while (!stopped) {
      change(host, random, (count += 1));
      if (count % 8 === 0) await sleep(1);
    }
  })();
  return {
    get count() {
      return count;
    },
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

function change(host: TestHost, random: () => number, count: number): void {
  const directory = random() < 0.5 ? HOOKS : COMMANDS;
  const name = `${directory}/f${Math.floor(random() * 60)}`;
  const roll = random();
  if (roll < 0.5) host.write(name, `${count}\n`);
  else if (roll < 0.8) host.replace(name, `replaced ${count}\n`);
  else rmSync(host.path(name), { force: true });
}

const ROUNDS = LONG ? 50 : 5;

describe("kill -9 under load, at random", () => {
  it(
    "loses nothing: after the last restart the spool says what is on disk",
    async () => {
      const host = createHost();
      for (const directory of [HOOKS, COMMANDS])
        mkdirSync(host.path(directory), { recursive: true });
      const random = seeded(20_260_510);
      let changed = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const agent = await host.start({ ready: round % 3 !== 0 });
        const before = fileEvents(agent.events).length;
        const changes = load(host, random);
        // Killed at another stage each time: before the first event of the round, or well into it.
        const least = Math.floor(random() * 60);
        await eventually(() => fileEvents(agent.events).length >= before + least, 60_000);
        await eventually(() => changes.count > 10);
        await agent.kill();
        await changes.stop();
        changed += changes.count;
      }
      const last = await host.start();
      await last.stop();
      const lost = await checkSpool(host.spool, host.path(".claude"));
      show({
        rounds: ROUNDS,
        lost,
        did: { changes: changed, events: (await host.events()).length },
      });
    },
    LONG ? 600_000 : 60_000,
  );
});
