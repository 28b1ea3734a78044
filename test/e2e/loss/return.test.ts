import { execFileSync } from "node:child_process";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, writePolicy, type Agent, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";

const HOOK = ".claude/hooks/guard.sh";
const A = "exit 2\n";
const B = "exit 0\n";
/** Long enough that both changes are in one reading, however slow the machine is. */
const SLOW = "settings: {settle: {critical_debounce_ms: 600, critical_max_wait_ms: 5000}}\n";

async function withHook(policy: string | null): Promise<{ host: TestHost; agent: Agent }> {
  const host = createHost();
  if (policy !== null) writePolicy(host, policy);
  const hook = host.write(HOOK, A);
  const agent = await host.start();
  await agent.saw(hook);
  return { host, agent };
}

/** What a way back does between the change and its undoing. */
type Way = (host: TestHost, hook: string) => Promise<void>;

/** Hints further apart than a save are two bursts; the kernel folds those that nobody has read yet. */
const read = (host: TestHost) => eventually(async () => (await host.status()).settling > 0);

const WAYS: readonly (readonly [string, Way])[] = [
  [
    "written over twice",
    async (host) => {
      host.write(HOOK, B);
      await read(host);
      host.write(HOOK, A);
    },
  ],
  [
    "replaced by rename and back",
    async (host, hook) => {
      renameSync(hook, `${hook}.kept`);
      host.write(HOOK, B);
      await read(host);
      renameSync(`${hook}.kept`, hook);
    },
  ],
  [
    "deleted and made again",
    async (host, hook) => {
      rmSync(hook);
      await read(host);
      host.write(HOOK, A);
    },
  ],
  [
    "written over twice with the old mtime restored",
    async (host, hook) => {
      const kept = host.write("kept", "");
      // To the nanosecond, which Node's own calls do not reach.
      execFileSync("touch", ["-r", hook, kept]);
      host.write(HOOK, B);
      await read(host);
      host.write(HOOK, A);
      execFileSync("touch", ["-r", kept, hook]);
    },
  ],
];

describe("a hook that is changed and changed back within the debounce", () => {
  it.each(WAYS)("is told when it is %s", async (_name, way) => {
    const { host, agent } = await withHook(SLOW);
    const hook = host.path(HOOK);
    await way(host, hook);
    const { evidence } = await agent.saw(
      hook,
      ({ evidence: { change_kind } }) => change_kind === "modified",
    );
    expect(evidence).toMatchObject({
      before_hash: b3(A),
      after_hash: b3(A),
      evidence_quality: "coalesced",
    });
  });
});

describe("a hook that is swapped for a moment, at any moment", () => {
  it(
    "is told each time: as the change and its undoing, or as rewritten",
    async () => {
      const { host, agent } = await withHook("settings: {record: {touch_note_ms: 1}}\n");
      const hook = host.path(HOOK);
      const rounds = LONG ? 200 : 20;
      let lost = 0;
      for (let round = 0; round < rounds; round += 1) {
        const before = agent.of(hook).length;
        writeFileSync(hook, B);
        // Within the debounce, at its end and across it. The kernel folds equal notices that nobody has read.
        await sleep(5 + ((round * 13) % 120));
        writeFileSync(hook, A);
        const told = await eventually(() => agent.of(hook).length > before, 10_000).catch(
          () => false,
        );
        if (!told) lost += 1;
        await eventually(() => agent.of(hook).at(-1)?.evidence.after_hash === b3(A));
        await eventually(async () => (await host.status()).settling === 0);
      }
      show({ rounds, lost, did: { swaps: rounds } });
      expect(lost).toBe(0);
    },
    LONG ? 300_000 : 60_000,
  );
});

/** Stops the agent, swaps the hook and swaps it back, and lets the agent go on. @returns evidence of the change it tells */
async function swappedWhileStopped(change: (host: TestHost, content: string) => void) {
  const { host, agent } = await withHook(null);
  agent.child.kill("SIGSTOP");
  change(host, B);
  change(host, A);
  agent.child.kill("SIGCONT");
  const isModified = ({ evidence }: { evidence: { change_kind: string } }) =>
    evidence.change_kind === "modified";
  return (await agent.saw(host.path(HOOK), isModified)).evidence;
}

describe("a hook that is swapped while the agent is stopped", () => {
  it("is told when the agent goes on", async () => {
    const evidence = await swappedWhileStopped((host, content) => {
      host.replace(HOOK, content);
    });
    expect(evidence).toMatchObject({ before_hash: b3(A), after_hash: b3(A) });
  });

  it("is told when all of it is one notice of the kernel", async () => {
    const evidence = await swappedWhileStopped((host, content) => {
      host.write(HOOK, content);
    });
    expect(evidence).toMatchObject({
      before_hash: b3(A),
      after_hash: b3(A),
      evidence_quality: "coalesced",
    });
  });

  it("is told at the next start when there was no agent at all", async () => {
    const { host, agent } = await withHook(null);
    const hook = host.path(HOOK);
    await agent.stop();
    host.replace(HOOK, B);
    host.replace(HOOK, A);
    const next = await host.start();
    const { evidence } = await next.saw(hook);
    expect(evidence).toMatchObject({
      change_kind: "modified",
      before_hash: b3(A),
      after_hash: b3(A),
      evidence_quality: "delayed",
    });
  });
});
