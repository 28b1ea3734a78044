import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { agentCommand, createHost, eventually, writePolicy } from "../e2e/harness.ts";

/** Calls that make or use a socket by address, and calls that start a program. */
const CALLS = "socket,socketpair,connect,bind,sendto,sendmsg,sendmmsg,execve,execveat";

interface Call {
  readonly name: string;
  readonly line: string;
}

/** The calls in a trace. One that another thread interrupted is told by its first half, which has the arguments. */
function callsIn(text: string): Call[] {
  return text.split("\n").flatMap((line) => {
    const name = /^\d+\s+(\w+)\(/.exec(line)?.[1];
    return name === undefined ? [] : [{ name, line }];
  });
}

function lines(calls: readonly Call[]): string[] {
  return calls.map(({ line }) => line);
}

/** Runs an agent under strace while everything that could want a socket or a program happens. */
async function trace(): Promise<Call[]> {
  const folder = mkdtempSync("/tmp/sg-trace-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const host = createHost();
  host.write(".claude/settings.json", "{}\n");
  host.write(".claude/skills/a/SKILL.md", "tree\n");
  host.write("code/project/.git/HEAD", "ref: refs/heads/main\n");
  host.write("code/project/.claude/settings.json", "{}\n");
  writePolicy(host, 'workspaces: ["~/code"]\n');
  const { file, args, env } = agentCommand(host.home);
  const out = join(folder, "trace");
  const traced = ["-f", "-qq", "-s", "256", "-e", `trace=${CALLS}`, "-e", "signal=none", "-o", out];
  const child = spawn("strace", [...traced, file, ...args], {
    cwd: host.home,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await eventually(() => log.includes('"msg":"watching"'), 30_000);

  const { pid } = await host.status();
  for (const name of [
    ".claude/settings.json",
    ".claude/skills/a/SKILL.md",
    "code/project/.mcp.json",
  ])
    host.write(name, `${name}\n`);
  await eventually(() => printed.includes("code/project/.mcp.json"));
  process.kill(pid, "SIGHUP");
  await eventually(() => printed.split('"kind":"policy_applied"').length === 3);
  process.kill(pid, "SIGTERM");
  await ended;
  expect(printed).toContain('"is_final":true');
  return callsIn(readFileSync(out, "utf8"));
}

// Linux only: strace sees the calls.
describe.runIf(process.platform === "linux")("the agent, seen by the kernel", () => {
  it("has strace to be seen with", () => {
    expect(spawnSync("strace", ["-V"]).status, "install strace (apt-get install strace)").toBe(0);
  });

  it("makes no socket but AF_UNIX, connects to none, and starts no program", async () => {
    const calls = await trace();
    const of = (...names: string[]) => calls.filter(({ name }) => names.includes(name));

    const sockets = of("socket", "socketpair");
    expect(sockets.length).toBeGreaterThan(0);
    expect(lines(sockets.filter(({ line }) => !line.includes("(AF_UNIX,")))).toEqual([]);
    expect(lines(of("connect", "sendto", "sendmsg", "sendmmsg"))).toEqual([]);
    const binds = of("bind");
    expect(binds).toHaveLength(1);
    expect(binds[0]?.line).toMatch(/sa_family=AF_UNIX, sun_path=".*\/control\.sock"/);
    const programs = of("execve", "execveat");
    expect(programs).toHaveLength(1);
    expect(programs[0]?.line).toContain(`execve("${process.execPath}"`);
  }, 60_000);
});
