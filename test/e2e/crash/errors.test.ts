import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { checkSpool } from "./lost.ts";
import { needStrace, ONE_THREAD, strace } from "./strace.ts";

interface Failure {
  readonly of: keyof typeof FILES;
  readonly call: string;
  readonly errno: string;
  /** Which of these calls fail: some have worked before, and later ones work again. */
  readonly when: string;
  /** What stands still meanwhile, and is told of. */
  readonly stalls: "spool" | "state" | null;
}

/** Segments begin wherever the one before ended. */
function segments(host: TestHost, ...ends: string[]): string[] {
  const stems = Array.from({ length: 400 }, (_, at) => String(at + 1).padStart(20, "0"));
  return stems.flatMap((stem) => ends.map((end) => join(host.spool, end.replace("*", stem))));
}

const FILES = {
  segment: (host: TestHost) => segments(host, "*.jsonl", "*.idx"),
  manifest: (host: TestHost) => segments(host, ".*.manifest.json.tmp"),
  spool: (host: TestHost) => [host.spool],
  mark: (host: TestHost) => [join(host.spool, "durable.mark")],
  "state's log": (host: TestHost) => [`${host.stateDb}-wal`],
} as const;

const FAILURES: readonly Failure[] = [
  { of: "segment", call: "fdatasync", errno: "EIO", when: "11..13", stalls: "spool" },
  { of: "state's log", call: "pwrite64", errno: "EIO", when: "60..64", stalls: "state" },
  { of: "spool", call: "fsync", errno: "EIO", when: "5..6", stalls: "spool" },
  { of: "segment", call: "pwrite64", errno: "EDQUOT", when: "11..13", stalls: "spool" },
  { of: "segment", call: "pwrite64", errno: "EIO", when: "11..13", stalls: "spool" },
  { of: "segment", call: "fdatasync", errno: "EROFS", when: "11..13", stalls: "spool" },
  { of: "segment", call: "openat", errno: "EMFILE", when: "3..5", stalls: "spool" },
  { of: "segment", call: "openat", errno: "ENOSPC", when: "4..6", stalls: "spool" },
  { of: "manifest", call: "rename", errno: "EIO", when: "1..2", stalls: null },
  { of: "mark", call: "pwrite64", errno: "EIO", when: "4..9", stalls: null },
  { of: "state's log", call: "pwrite64", errno: "ENOSPC", when: "40..44", stalls: "state" },
  { of: "state's log", call: "pwrite64", errno: "EROFS", when: "70..74", stalls: "state" },
];

/** Segments of a second: each run makes several of them. */
const POLICY = `settings:
  record: {retry_ms: 50}
  spool: {segment_max_age_s: 1}
`;

async function edit(host: TestHost, { of, call, errno, when, stalls }: Failure): Promise<number> {
  const output = host.path("calls.strace");
  const inject = `error=${errno}:when=${when}`;
  const under = strace({ output, paths: FILES[of](host), calls: [call], inject });
  const agent = await host.start({ under, env: ONE_THREAD });
  const failed = () => readFileSync(output, "utf8").split("(INJECTED)").length - 1;
  const [from = 0, to = 0] = when.split("..").map(Number);
  let count = 0;
  do {
    await agent.saw(host.write(`.claude/hooks/f${count}`, `${count}\n`));
    count += 1;
  } while (failed() <= to - from && count < 200);
  await agent.saw(host.write(".claude/hooks/after", "after\n"));
  const told = () => ofKind(agent.events, "channel_stall").map(({ channel }) => channel);
  await eventually(() => stalls === null || told().includes(stalls));
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
  expect(failed()).toBe(to - from + 1);
  return told().length;
}

describe("a disk whose calls fail while the agent runs", () => {
  it.for(LONG ? FAILURES : FAILURES.slice(0, 2))(
    "is waited for; nothing is lost or doubled: $call of the $of with $errno",
    { timeout: 120_000 },
    async (failure, { skip }) => {
      needStrace(skip);
      const host = createHost();
      writePolicy(host, POLICY);
      const stalls = await edit(host, failure);
      // What was left undone is made up for.
      await (await host.start()).stop();
      const lost = await checkSpool(host.spool, host.path(".claude"));
      show({ rounds: 1, lost, did: { stalls } });
    },
  );
});
