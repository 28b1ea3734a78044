import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { cannot, createHost, eventually, writePolicy, type Agent } from "../harness.ts";
import { caughtUp } from "./count.ts";

const FAST = "settings: {watch: {poll_interval_ms: 200, poll_standard_interval_ms: 300}}\n";
const HOOK = ".claude/hooks/guard.sh";

const prlimit = () => spawnSync("prlimit", ["--version"]).status === 0;

const told = (agent: Agent) =>
  ofKind(agent.events, "watcher_degraded").filter(({ reason }) => reason === "watches_exhausted");

describe("an agent whose user has no inotify watches left", () => {
  it("polls, says so once, loses nothing, and watches again when there are some", async ({
    skip,
  }) => {
    // A user namespace of its own has a limit of its own, which its root may set while the agent runs.
    const limit = (watches: number) => `echo ${watches} > /proc/sys/user/max_inotify_watches`;
    if (spawnSync("unshare", ["-Ur", "sh", "-c", limit(3)]).status !== 0)
      return cannot(skip, "no user namespaces");
    const host = createHost();
    writePolicy(host, FAST);
    mkdirSync(host.path(".claude/skills/pack"), { recursive: true });
    const hook = host.write(HOOK, "exit 2\n");
    const under = ["unshare", "-Ur", "sh", "-c", `${limit(3)}; exec "$0" "$@"`];
    const agent = await host.start({ under });
    await agent.saw(hook);
    await eventually(() => told(agent).length > 0);
    expect((await host.status()).conditions.map(({ code }) => code)).toContain(
      "watching-by-polling",
    );
    for (let index = 0; index < 40; index += 1) {
      host.write(`.claude/hooks/f${index}`, `${index}\n`);
      host.write(`.claude/skills/pack/f${index}.md`, `${index}\n`);
    }
    host.write(HOOK, "exit 0\n");
    await caughtUp(agent, host.path(".claude"));
    const before = told(agent).length;
    expect(before).toBeLessThanOrEqual(3);
    const pid = String(agent.child.pid);
    execFileSync("nsenter", ["-U", "--preserve-credentials", "-t", pid, "sh", "-c", limit(10_000)]);
    await eventually(async () => !(await host.status()).polling, 30_000);
    expect((await host.status()).conditions.map(({ code }) => code)).not.toContain(
      "watching-by-polling",
    );
    host.write(HOOK, "exit 1\n");
    const { evidence } = await agent.saw(
      hook,
      ({ evidence: { after_hash } }) => after_hash === b3("exit 1\n"),
    );
    expect(evidence.evidence_quality).not.toBe("delayed");
  }, 90_000);
});

describe("an agent that runs out of file descriptors", () => {
  it("loses nothing, calls no file unreadable, and goes on when it has some again", async ({
    skip,
  }) => {
    if (!prlimit()) return cannot(skip, "no prlimit");
    const host = createHost();
    const hooks = host.path(".claude/hooks");
    const hook = host.write(HOOK, "exit 2\n");
    const agent = await host.start();
    await agent.saw(hook);
    const pid = String(agent.child.pid);
    const limit = (count: number) => execFileSync("prlimit", ["--pid", pid, `--nofile=${count}:`]);
    limit(8);
    for (let index = 0; index < 200; index += 1)
      host.write(`.claude/hooks/f${index}`, `${index}\n`);
    host.write(HOOK, "exit 0\n");
    await eventually(() => agent.log().includes("EMFILE"), 20_000);
    limit(1024);
    await caughtUp(agent, hooks);
    const wrong = agent.events.filter(
      ({ evidence }) =>
        evidence.kind === "permission_missing" ||
        (evidence.kind === "file_change" && evidence.evidence_quality === "incomplete"),
    );
    expect(wrong).toEqual([]);
    await agent.stop();
  }, 90_000);
});
