import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { lastStates, ofKind } from "../events.ts";
import { createHost, eventually } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { caughtUp, lostBelow } from "./count.ts";

/** More than the kernel's queue holds, in single directories and in a tree. */
const FILES = LONG ? 50_000 : 17_000;
/** One in so many is in the tree: a standard target has 6,000 events a minute, what is over waits. */
const TREE = LONG ? 2 : 8;
/** A stop longer than what the agent takes for a stall. */
const STOPPED_MS = 3000;

describe("an agent that is stopped while more is made than the kernel's queue holds", () => {
  it(
    "says so, and every last state is in the spool afterwards",
    async () => {
      const host = createHost();
      const places = [host.path(".claude/hooks"), host.path(".claude/skills/pack")];
      for (const place of places) mkdirSync(place, { recursive: true });
      for (let index = 0; index < 500; index += 1)
        host.write(`.claude/hooks/f${index}`, "before\n");
      const agent = await host.start();
      await eventually(() => lastStates(agent.events, host.path(".claude/hooks")).size === 500);
      agent.child.kill("SIGSTOP");
      for (let index = 0; index < FILES; index += 1)
        writeFileSync(`${places[index % TREE === 0 ? 1 : 0]}/f${index}`, `${index}\n`);
      await sleep(STOPPED_MS);
      agent.child.kill("SIGCONT");
      const claude = host.path(".claude");
      await caughtUp(agent, claude, LONG ? 360_000 : 90_000);
      const told = ofKind(agent.events, "watcher_degraded").map(({ reason }) => reason);
      expect(told).toContain("event_loop_stall");
      await agent.stop();
      const lost = lostBelow({ events: await host.events() }, claude).length;
      show({ rounds: 1, lost, did: { files: FILES } });
      expect(lost).toBe(0);
    },
    LONG ? 420_000 : 120_000,
  );
});
