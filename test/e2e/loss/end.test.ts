import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "./count.ts";

const GROWN = LONG ? 10_000 : 1500;
/** So little at once that what was made takes far longer to be told than an end may take. */
const SLOW = "settings:\n  record: {queue_max: 8, group_max: 2}\n";

describe("an agent that is ended while directories come faster than they can be told", () => {
  it(
    "ends, and the next start finds what it has not told",
    async () => {
      const host = createHost();
      writePolicy(host, SLOW);
      host.write(".claude/hooks/guard.sh", "0\n");
      mkdirSync(host.path(".claude/skills"));
      const first = await host.start();
      for (let index = 0; index < GROWN; index += 1) {
        host.write(`.claude/hooks/d${index}/hook.sh`, `${index}\n`);
        host.write(`.claude/skills/d${index}/SKILL.md`, `${index}\n`);
      }
      await first.saw(host.path(".claude/hooks/d0/hook.sh"));
      expect((await first.stop()).code).toBe(0);
      const left = lostBelow({ events: await host.events() }, host.path(".claude")).length;
      writePolicy(host, "");
      const second = await host.start();
      await eventually(
        async () => lostBelow({ events: await host.events() }, host.path(".claude")).length === 0,
        LONG ? 300_000 : 90_000,
      );
      await second.stop();
      const lost = lostBelow({ events: await host.events() }, host.path(".claude")).length;
      show({ rounds: 1, lost, did: { files: GROWN * 2, left } });
      expect(lost).toBe(0);
    },
    LONG ? 400_000 : 150_000,
  );
});
