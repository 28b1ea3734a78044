import { copyFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents } from "../events.ts";
import { createHost, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { checkSpool } from "./lost.ts";

const FILES = 60;

/** Edits that are fewer each round, and a removal. */
function change(host: TestHost, round: number): void {
  for (let index = 0; index < FILES; index += 1)
    if (index % (round + 1) === 0) host.write(`.claude/hooks/f${index}`, `${index} ${round}\n`);
  rmSync(host.path(`.claude/hooks/f${round}`), { force: true });
}

const CASES = [
  ["that was closed, after an orderly end", "stop", ["", "-wal", "-shm"]],
  ["that was closed, after a kill", "kill", ["", "-wal", "-shm"]],
  ["beside the log of the newer one", "kill", [""]],
] as const;

describe("a state database put back from an older copy", () => {
  it.each(LONG ? CASES : CASES.slice(0, 1))(
    "%s: nothing is lost, and nothing new looks like a repeat",
    async (_what, end, replaced) => {
      const host = createHost();
      const copy = host.path("older.db");
      change(host, 0);
      await (await host.start()).stop();
      copyFileSync(host.stateDb, copy);
      change(host, 1);
      const second = await host.start();
      change(host, 2);
      await second.saw(host.write(".claude/hooks/mark", "2\n"));
      await (end === "stop" ? second.stop() : second.kill());
      for (const suffix of replaced) rmSync(host.stateDb + suffix, { force: true });
      copyFileSync(copy, host.stateDb);
      change(host, 3);
      const third = await host.start();
      const before = new Set(fileEvents(await host.events()).map(({ dedup_key }) => dedup_key));
      const mark = (round: number) => {
        const text = `${round}\n`;
        const path = host.write(".claude/hooks/mark", text);
        return third.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
      };
      const again = await mark(3);
      await mark(4);
      await third.stop();
      const same = fileEvents(third.events).filter(({ evidence }) => {
        return evidence.change_kind === "modified" && evidence.before_hash === evidence.after_hash;
      });
      expect(same).toEqual([]);
      expect(before.has(again.dedup_key)).toBe(false);
      const lost = await checkSpool(host.spool, host.path(".claude"));
      show({ rounds: 1, lost, did: { events: (await host.events()).length } });
    },
    600_000,
  );
});
