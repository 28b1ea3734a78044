import { renameSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { caughtUp, lostBelow } from "./count.ts";

const SETTINGS = ".claude/settings.json";
const MOVING = ".claude/hooks/moving.sh";
const HOOK = ".claude/hooks/guard.sh";
const OFTEN = "settings: {sweep: {interval_s: 5}, health: {heartbeat_s: 1}}\n";

describe("writes every 20 ms without an end, and a file whose times never rest", () => {
  it(
    "starve no other file, no sweep, no heartbeat and not the end",
    async () => {
      const host = createHost();
      writePolicy(host, OFTEN);
      const hook = host.write(HOOK, "0\n");
      // Large enough that its times move while it is hashed.
      const moving = host.write(MOVING, Buffer.alloc(24 * 1024 * 1024, 1));
      host.write(SETTINGS, "{}\n");
      host.write(".claude/skills/pack/log.md", "0\n");
      const agent = await host.start();
      let count = 0;
      const writer = setInterval(() => {
        count += 1;
        writeFileSync(host.path(SETTINGS), `${count}\n`);
        writeFileSync(host.path(".claude/skills/pack/log.md"), `${count}\n`);
      }, 20);
      const mover = setInterval(() => utimesSync(moving, count, count), 2);
      onTestFinished(() => {
        clearInterval(writer);
        clearInterval(mover);
      });
      const rounds = LONG ? 20 : 2;
      let lost = 0;
      for (let round = 0; round < rounds; round += 1) {
        const beats = ofKind(agent.events, "heartbeat").length;
        // Later than the last one's sweep: each round waits for another.
        await eventually(async () => ((await host.status()).last_sweep_age_s ?? 0) >= 3);
        host.write(HOOK, `round ${round}\n`);
        const told = await agent
          .saw(hook, ({ evidence }) => evidence.after_hash === b3(`round ${round}\n`))
          .catch(() => null);
        if (told === null) lost += 1;
        await eventually(async () => ((await host.status()).last_sweep_age_s ?? 99) < 3, 30_000);
        await eventually(() => ofKind(agent.events, "heartbeat").length > beats);
      }
      const { code } = await agent.stop();
      expect(code).toBe(0);
      expect(ofKind(await host.events(), "heartbeat").at(-1)?.is_final).toBe(true);
      show({ rounds, lost, did: { writes: count * 2 } });
      expect(lost).toBe(0);
    },
    LONG ? 600_000 : 120_000,
  );
});

describe("a directory that is renamed back and forth", () => {
  it(
    "has its files told of where they are in the end",
    async () => {
      const host = createHost();
      for (let index = 0; index < 30; index += 1)
        host.write(`.claude/hooks/f${index}`, `${index}\n`);
      const agent = await host.start();
      const rounds = LONG ? 2000 : 100;
      for (let round = 0; round < rounds; round += 1) {
        renameSync(host.path(".claude/hooks"), host.path(".claude/elsewhere"));
        if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        renameSync(host.path(".claude/elsewhere"), host.path(".claude/hooks"));
        if (round % 7 === 0) writeFileSync(host.path(".claude/hooks/f1"), `round ${round}\n`);
      }
      await caughtUp(agent, host.path(".claude/hooks"));
      host.write(HOOK, "after\n");
      await agent.saw(host.path(HOOK), ({ evidence }) => evidence.after_hash === b3("after\n"));
      const lost = lostBelow(agent, host.path(".claude/hooks")).length;
      show({ rounds, lost, did: { renames: rounds * 2 } });
      expect(lost).toBe(0);
    },
    LONG ? 300_000 : 90_000,
  );
});
