import { readdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { parseEvent } from "../events.ts";
import { createHost, eventually, type TestHost } from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";
import { checkSpool } from "./lost.ts";
import { ReplayedDisk } from "./replay.ts";
import { needStrace, ONE_THREAD, strace } from "./strace.ts";
import { bytesOf, descriptorOf, readTrace, type Call } from "./trace.ts";

const CALLS = [
  "openat",
  "mkdir",
  "write",
  "pwrite64",
  "ftruncate",
  "fsync",
  "fdatasync",
  "rename",
  "unlink",
];

const CHANGES = 12;

/** A whole life of the real program, from an empty disk to its orderly end, as its system calls. */
async function recorded(host: TestHost): Promise<Call[]> {
  const output = host.path("calls.strace");
  const [program = "", ...rest] = strace({ calls: CALLS, output });
  const under = [program, "-y", "-xx", "-s", "2000000", ...rest];
  host.write(".claude/settings.json", "{}\n");
  host.write(".claude/hooks/passing", "x\n");
  const agent = await host.start({ under, env: ONE_THREAD });
  for (let index = 0; index < CHANGES; index += 1) {
    const path = host.write(`.claude/hooks/f${index % 5}`, `${index}\n`);
    if (index === 6) rmSync(host.path(".claude/hooks/passing"));
    const seen = agent.of(path).length;
    await eventually(() => agent.of(path).length > seen || index < 5, 60_000);
  }
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
  // The tracer writes the end of its file when the agent has ended.
  await eventually(() => readTrace(output).some(({ name }) => name === "unlink"));
  const root = dirname(host.stateDb);
  return readTrace(output).filter(
    ({ name, args }) => (name === "write" && args[0]?.startsWith("1<")) || isBelow(root, args),
  );
}

/** Whether a call is about something below a directory, by name or by descriptor. */
function isBelow(root: string, args: readonly string[]): boolean {
  return args.slice(0, 2).some((one) => {
    const named = one.startsWith('"') ? bytesOf(one).toString("utf8") : descriptorOf(one).path;
    return named.startsWith(root);
  });
}

const ROUNDS = LONG ? 60 : 4;

describe("a power cut at any moment, with what was not synced partly gone", () => {
  it(
    "keeps every printed line; the agent starts, mends itself and tells the rest",
    async ({ skip }) => {
      needStrace(skip);
      const host = createHost();
      const calls = await recorded(host);
      const root = dirname(host.stateDb);
      const random = seeded(20_261_121);
      let lost = 0;
      let acknowledged = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const disk = new ReplayedDisk(root);
        const end = Math.floor(random() * (calls.length + 1));
        for (const call of calls.slice(0, end)) disk.apply(call);
        rmSync(root, { recursive: true, force: true });
        disk.cut(random);
        const printed = disk.printed.split("\n").slice(0, -1).map(parseEvent);
        await (await host.start()).stop();
        const kept = new Set((await host.events()).map(({ event_id }) => event_id));
        const gone = printed.filter(({ event_id }) => !kept.has(event_id));
        expect(gone, `round ${round}, after ${end} calls`).toEqual([]);
        lost += gone.length + (await checkSpool(host.spool, host.path(".claude")));
        acknowledged += printed.length;
        const aside = readdirSync(root).filter((file) => file.includes("damaged"));
        expect(aside, `round ${round}, after ${end} calls`).toEqual([]);
      }
      show({ rounds: ROUNDS, lost, did: { calls: calls.length, acknowledged } });
      expect(acknowledged).toBeGreaterThan(0);
    },
    LONG ? 600_000 : 120_000,
  );
});

describe("what is written for a change", () => {
  it("is lines and index, then their syncs, then the state, in that order, each time", async ({
    skip,
  }) => {
    needStrace(skip);
    const host = createHost();
    const calls = await recorded(host);
    const digests = Array.from({ length: CHANGES }, (_, index) => b3(`${index}\n`).slice(7));
    const unsynced = new Set<string>();
    const said = new Set<string>();
    const durable = new Set<string>();
    const stored = new Set<string>();
    for (const { name, args } of calls) {
      const { path } = descriptorOf(args[0] ?? "");
      const [, bytes = ""] = args;
      if (/\.(?:jsonl|idx)$/.test(path)) {
        if (name === "pwrite64") unsynced.add(path);
        if (name === "pwrite64" && path.endsWith("jsonl"))
          for (const one of digests) if (bytesOf(bytes).includes(one)) said.add(one);
        if (name === "fdatasync") unsynced.delete(path);
        if (unsynced.size === 0) for (const one of said) durable.add(one);
      }
      if (!path.endsWith("state.db-wal") || name !== "pwrite64") continue;
      for (const one of digests) {
        if (!bytesOf(bytes).includes(Buffer.from(one, "hex"))) continue;
        expect(durable, "in the state before its line was synced").toContain(one);
        stored.add(one);
      }
    }
    expect(stored.size).toBeGreaterThanOrEqual(7);
    show({ rounds: stored.size, did: { changes: stored.size } });
  }, 600_000);
});
