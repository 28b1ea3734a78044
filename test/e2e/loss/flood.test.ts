import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { lastStates } from "../events.ts";
import { createHost, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { caughtUp, lostBelow } from "./count.ts";

const WRITES = LONG ? 10_000 : 2000;
const PROJECT = "work/app";
const HOOK = `${PROJECT}/.claude/hooks/guard.sh`;

/** Where the flood is, and whether its files are targets at all. */
const PLACES = [
  ["the hook's own directory", `${PROJECT}/.claude/hooks`, true],
  ["a standard tree", ".claude/skills/pack", true],
  ["the workspace around it", `${PROJECT}/src`, false],
] as const;

describe("a hook that is edited in a flood of writes", () => {
  it.each(PLACES)(
    "in %s has its last contents told, and nothing of the flood is lost",
    async (_name, place, isTarget) => {
      const host = createHost();
      writePolicy(host, 'workspaces: ["~/work"]\n');
      host.write(`${PROJECT}/.git/HEAD`, "ref: refs/heads/main\n");
      mkdirSync(host.path(place), { recursive: true });
      const hook = host.write(HOOK, "before\n");
      const agent = await host.start();
      await agent.saw(hook);
      for (let index = 0; index < WRITES; index += 1) {
        if (index === WRITES / 2) writeFileSync(hook, "edited\n");
        writeFileSync(host.path(`${place}/f${index}`), `${index}\n`);
      }
      await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3("edited\n"));
      const flood = lastStates(agent.events, host.path(place));
      if (isTarget && !hook.startsWith(host.path(place))) expect(flood.size).toBeLessThan(WRITES);
      if (isTarget) await caughtUp(agent, host.path(place), 120_000);
      else expect(flood.size).toBe(0);
      const lost = isTarget ? lostBelow(agent, host.path(place)).length : 0;
      show({ rounds: 1, lost, did: { writes: WRITES } });
      expect(lost).toBe(0);
    },
    LONG ? 240_000 : 150_000,
  );
});
