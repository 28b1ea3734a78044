import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { fileEvents, lastStates, treeStates } from "../events.ts";
import { createHost, eventually, type TestHost } from "../harness.ts";
import { seeded, show } from "../long.ts";

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

describe("kill -9 under load, five times", () => {
  it("loses nothing: after the last restart the spool says what is on disk", async () => {
    const host = createHost();
    for (const directory of [HOOKS, COMMANDS]) mkdirSync(host.path(directory), { recursive: true });
    const random = seeded(20_260_510);
    for (let round = 0; round < 5; round += 1) {
      const agent = await host.start();
      const before = fileEvents(agent.events).length;
      const changes = load(host, random);
      // Killed at another stage each time: after the first event of the round, or well into it.
      await eventually(() => fileEvents(agent.events).length > before + round * 15);
      await agent.kill();
      await changes.stop();
      expect(changes.count).toBeGreaterThan(10);
    }
    const last = await host.start();
    await last.stop();

    const events = await host.events();
    const claude = host.path(".claude");
    expect(lastStates(events, claude)).toEqual(treeStates(claude));
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    // What a crash made the agent say twice carries the same key both times, and says the same.
    const byKey = Map.groupBy(fileEvents(events), (event) => event.dedup_key);
    for (const [key, repeats] of byKey) {
      expect(key).toMatch(/^[0-9a-f]{32}$/);
      const said = repeats.map(({ subject, evidence, target_id }) => ({
        subject,
        target_id,
        change_kind: evidence.change_kind,
        before_hash: evidence.before_hash,
        after_hash: evidence.after_hash,
      }));
      expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
    }
    show({ rounds: 5, lost: 0, did: { events: events.length } });
    expect(readdirSync(host.spool).filter((name) => name.endsWith(".jsonl"))).not.toEqual([]);
  });
});
