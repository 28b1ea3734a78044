import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { caughtUp, lostBelow } from "./count.ts";

const FILES = LONG ? 5000 : 200;
/** Every bound of the flow so low that it is reached. */
const TIGHT = `settings:
  settle: {max_pending: 100}
  record: {queue_max: 8, group_max: 4}
  rate: {path_per_minute: 2, critical_path_per_minute: 2, target_per_minute: 60, fold_max_ms: 2000}
`;

describe("when table, queue and rates are all full", () => {
  it(
    "every last state is told all the same, and so is what was full",
    async () => {
      const host = createHost();
      writePolicy(host, TIGHT);
      host.write(".claude/hooks/guard.sh", "0\n");
      mkdirSync(host.path(".claude/skills/pack"), { recursive: true });
      const agent = await host.start();
      for (let index = 0; index < FILES; index += 1) {
        writeFileSync(host.path(`.claude/hooks/f${index}`), `${index}\n`);
        writeFileSync(host.path(`.claude/skills/pack/f${index}.md`), `${index}\n`);
        writeFileSync(host.path(".claude/hooks/guard.sh"), `${index}\n`);
      }
      await caughtUp(agent, host.path(".claude"), LONG ? 400_000 : 150_000);
      await eventually(() =>
        ofKind(agent.events, "watcher_degraded").some(
          ({ reason }) => reason === "pending_overflow",
        ),
      );
      await eventually(() => ofKind(agent.events, "rate_limit_exceeded").length > 0);
      await agent.stop();
      const lost = lostBelow({ events: await host.events() }, host.path(".claude")).length;
      show({ rounds: 1, lost, did: { files: FILES * 2 } });
      expect(lost).toBe(0);
    },
    LONG ? 600_000 : 180_000,
  );
});

const GROWN = LONG ? 20_000 : 900;
const ROOM = 500;
/** What sweeps and the agent itself say goes to the spool past the table: a batch of findings, notes of health. */
const BESIDE = 300;

describe("when directories come faster than they can be told", () => {
  it(
    "what is accepted and not yet in the spool stays below its bound, and every file is told all the same",
    async () => {
      const host = createHost();
      writePolicy(
        host,
        `settings:\n  settle: {max_pending: ${ROOM}}\n  record: {queue_max: 100, group_max: 50}\n  sweep: {batch: 50}\n`,
      );
      host.write(".claude/hooks/guard.sh", "0\n");
      mkdirSync(host.path(".claude/skills"));
      const agent = await host.start();
      let most = 0;
      for (let index = 0; index < GROWN; index += 1) {
        host.write(`.claude/hooks/d${index}/hook.sh`, `${index}\n`);
        host.write(`.claude/skills/d${index}/SKILL.md`, `${index}\n`);
        if (index % 50 > 0) continue;
        const { settling, queue_depth } = await host.status();
        most = Math.max(most, settling + queue_depth);
      }
      await caughtUp(agent, host.path(".claude"), LONG ? 400_000 : 150_000);
      const reasons = ofKind(agent.events, "watcher_degraded").map(({ reason }) => reason);
      await agent.stop();
      const lost = lostBelow({ events: await host.events() }, host.path(".claude")).length;
      show({ rounds: 1, lost, did: { files: GROWN * 2, most } });
      expect(lost).toBe(0);
      expect(reasons).toContain("pending_overflow");
      expect(most).toBeLessThan(ROOM + BESIDE);
    },
    LONG ? 600_000 : 180_000,
  );
});
