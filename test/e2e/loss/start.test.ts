import { writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { caughtUp, lostBelow } from "./count.ts";

const HOOK = ".claude/hooks/guard.sh";

describe("an agent that starts while a hook is written without pause", () => {
  it(
    "comes up, and its first sweep and its watchers lose nothing between them",
    async () => {
      const rounds = LONG ? 30 : 4;
      let lost = 0;
      let written = 0;
      for (let round = 0; round < rounds; round += 1) {
        const host = createHost();
        writePolicy(host, "settings: {rate: {fold_max_ms: 2000}}\n");
        for (let index = 0; index < 300; index += 1) {
          host.write(`.claude/hooks/old-${index}`, `${index}\n`);
          host.write(`.claude/skills/pack-${index}/SKILL.md`, `${index}\n`);
        }
        const hook = host.write(HOOK, "0\n");
        const writer = setInterval(() => {
          written += 1;
          writeFileSync(hook, `${written}\n`);
          writeFileSync(host.path(`.claude/hooks/old-${written % 300}`), `${written}\n`);
          writeFileSync(host.path(`.claude/hooks/new-${written % 700}`), `${written}\n`);
        }, 2);
        onTestFinished(() => clearInterval(writer));
        const agent = await host.start();
        await agent.saw(hook);
        clearInterval(writer);
        const last = `${written}\n`;
        await eventually(() => agent.of(hook).at(-1)?.evidence.after_hash === b3(last));
        await caughtUp(agent, host.path(".claude/hooks"));
        await agent.stop();
        lost += lostBelow({ events: await host.events() }, host.path(".claude/hooks")).length;
      }
      show({ rounds, lost, did: { writes: written * 3 } });
      expect(lost).toBe(0);
    },
    LONG ? 300_000 : 90_000,
  );
});
