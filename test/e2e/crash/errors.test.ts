import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { checkSpool } from "./lost.ts";
import { needStrace, ONE_THREAD, strace } from "./strace.ts";

const FIRST = ["jsonl", "idx"].map((end) => `00000000000000000001.${end}`);

/** Calls on the first segment that fail a few times, once some have worked. */
const FAILURES = [
  ["fdatasync", "EIO"],
  ["pwrite64", "EDQUOT"],
  ["pwrite64", "EIO"],
  ["fdatasync", "EROFS"],
] as const;

async function edits(host: TestHost, call: string, errno: string): Promise<number> {
  const paths = FIRST.map((name) => join(host.spool, name));
  const under = strace({
    output: "/tmp/crash-e.strace",
    paths,
    calls: [call],
    inject: `error=${errno}:when=11..13`,
  });
  const agent = await host.start({ under, env: ONE_THREAD });
  for (let index = 0; index < 8; index += 1) {
    const path = host.write(`.claude/hooks/f${index}`, `${index}\n`);
    await agent.saw(path);
  }
  await eventually(() => ofKind(agent.events, "channel_stall").length > 0);
  expect(await agent.stop()).toEqual({ code: 0, signal: null });
  return ofKind(agent.events, "channel_stall").length;
}

describe("a disk whose calls fail while the agent runs", () => {
  it.for(LONG ? FAILURES : FAILURES.slice(0, 2))(
    "stalls, says so, goes on, and loses and doubles nothing: %s with %s",
    { timeout: 120_000 },
    async ([call, errno], { skip }) => {
      needStrace(skip);
      const host = createHost();
      writePolicy(host, "settings: {record: {retry_ms: 50}}\n");
      const stalls = await edits(host, call, errno);
      const lost = await checkSpool(host.spool, host.path(".claude"));
      show({ rounds: 1, lost, did: { stalls } });
    },
  );
});
