import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openConsumer, type Consumer, type SpoolLine } from "@sigil/spool";
import { describe, expect, it } from "vitest";
import { spoolHash } from "../digest.ts";
import { ofKind, parseEvent } from "../events.ts";
import { createHost, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { sigil } from "./binary.ts";

const NO_LIMIT_MS = 600_000;

/** A reader beside the agent that remembers where it was. */
async function follow(host: TestHost): Promise<Consumer> {
  const lock = { acquire: () => ({ release: () => undefined }) };
  const clock = { now: () => Date.now() };
  const checkpointDir = join(host.spool, "..", "follower");
  return await openConsumer({ dir: host.spool, checkpointDir, hash: spoolHash, lock, clock });
}

/** All there is to read, acknowledged. */
async function drain(consumer: Consumer): Promise<SpoolLine[]> {
  const lines: SpoolLine[] = [];
  for (;;) {
    const batch = await consumer.read();
    if (batch.last < batch.first) return lines;
    lines.push(...batch.lines);
    await consumer.ack(batch.last);
  }
}

/** What is removed of a spool, its `spool.json` left, while no agent runs. */
const REMOVED: readonly (readonly [string, (name: string) => boolean])[] = [
  ["all but spool.json", () => true],
  ["the mark and the newest segment", (name) => !name.startsWith("00000000000000000001.")],
];

describe("a spool of which much was removed while no agent ran", () => {
  it(
    "gives no acknowledged sequence to a new event: a reader gets all that is new, and the loss is told",
    async () => {
      const chosen = LONG ? REMOVED : REMOVED.slice(0, 1);
      let lost = 0;
      for (const [what, isRemoved] of chosen) {
        const host = createHost();
        const first = await host.start();
        await first.saw(host.write(".claude/hooks/one", "one\n"));
        expect(await first.stop()).toEqual({ code: 0, signal: null });
        const second = await host.start();
        await second.saw(host.write(".claude/hooks/two", "two\n"));
        expect(await second.stop()).toEqual({ code: 0, signal: null });
        const reader = await follow(host);
        const last = (await drain(reader)).at(-1)?.sequence ?? 0;
        expect(last).toBeGreaterThan(10);
        for (const name of readdirSync(host.spool))
          if (name !== "spool.json" && isRemoved(name)) rmSync(join(host.spool, name));
        const third = await host.start();
        await third.saw(host.write(".claude/hooks/three", "three\n"));
        expect(await third.stop(), what).toEqual({ code: 0, signal: null });
        const given = await drain(reader);
        expect(given[0]?.sequence, what).toBe(last + 1);
        const events = given.map(({ bytes }) => parseEvent(bytes.toString("utf8")));
        lost += events.length === third.events.length ? 0 : 1;
        expect(events).toEqual(third.events);
        expect(ofKind(events, "spool_corruption"), what).toContainEqual(
          expect.objectContaining({
            problem: "lines_missing",
            detail: expect.stringMatching(new RegExp(`^sequences \\d+ to ${last}$`)) as unknown,
          }),
        );
        await reader.close();
      }
      show({ rounds: chosen.length, lost, did: { starts: chosen.length * 3 } });
    },
    NO_LIMIT_MS,
  );
});

describe("empty files with segments' names at the end of all numbers", () => {
  it(
    "use up no sequence and vouch for none: the agent records, tells what was there, and doctor says it",
    async () => {
      const host = createHost();
      const first = await host.start();
      await first.saw(host.write(".claude/hooks/one", "one\n"));
      expect(await first.stop()).toEqual({ code: 0, signal: null });
      const reader = await follow(host);
      const last = (await drain(reader)).at(-1)?.sequence ?? 0;
      const planted = [2 ** 52 - 1, 2 ** 52].map((at) => `${String(at).padStart(20, "0")}.jsonl`);
      for (const name of planted) writeFileSync(join(host.spool, name), "");
      const second = await host.start();
      await second.saw(host.write(".claude/hooks/two", "two\n"));
      const { stdout } = await sigil(host, ["doctor"]);
      expect(stdout).toContain("2 files put among the spool's own, moved to ");
      expect(await second.stop()).toEqual({ code: 0, signal: null });
      const given = await drain(reader);
      expect(given[0]?.sequence).toBe(last + 1);
      const events = given.map(({ bytes }) => parseEvent(bytes.toString("utf8")));
      expect(events).toEqual(second.events);
      const told = ofKind(events, "spool_corruption").map(({ detail }) => detail);
      for (const name of planted)
        expect(told).toContainEqual(expect.stringContaining(`${name} was none of the spool's own`));
      await reader.close();
    },
    NO_LIMIT_MS,
  );
});
