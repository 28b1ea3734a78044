import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { needStrace, strace } from "../crash/strace.ts";
import { agentCommand, createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { askGit, hostileRepositories } from "./repositories.ts";

const CALLS = ["execve", "execveat", "fork", "vfork", "socket", "connect"];

/** Lines of a trace that are one of these calls. */
function of(calls: readonly string[], ...names: string[]): string[] {
  return calls.filter((line) => names.some((name) => new RegExp(`^\\d+\\s+${name}\\(`).test(line)));
}

/** What `doctor` asks of the system itself, at the places where only root installs programs. */
const TOOLS = ["/usr/bin/timedatectl", "/usr/bin/systemctl"];

function expectNothingRan(trace: string, own: readonly string[] = []): void {
  const calls = readFileSync(trace, "utf8").split("\n").filter(Boolean);
  const programs = of(calls, "execve", "execveat");
  expect(programs.length).toBeGreaterThan(0);
  // Its own start, and no other program: not git, not a shell, not anything that a file names.
  const others = programs.filter(
    (line) => ![process.execPath, ...own].some((path) => line.includes(`execve("${path}"`)),
  );
  expect(others).toEqual([]);
  if (own.length === 0) {
    expect(programs).toHaveLength(1);
    expect(of(calls, "fork", "vfork")).toEqual([]);
  }
  const sockets = of(calls, "socket");
  expect(sockets.filter((line) => !line.includes("(AF_UNIX,"))).toEqual([]);
}

/** Runs one command of the real binary under strace. */
function traced(host: TestHost, args: readonly string[], own: readonly string[] = []): string {
  const { file, args: all, env } = agentCommand(host.home);
  const output = join(host.home, `trace-${args[0] as string}`);
  const [program, ...options] = strace({ calls: CALLS, output }).filter((word) => word !== "-D");
  const command = [...all.slice(0, all.indexOf("run")), ...args];
  const { stdout, status, stderr } = spawnSync(program as string, [...options, file, ...command], {
    cwd: host.home,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    timeout: 100_000,
  });
  expect([0, 1, 2], stderr).toContain(status);
  expectNothingRan(output, own);
  return stdout;
}

describe("repositories that name a program to run wherever git would run one", () => {
  it("have it told whether git tracks their guard files, and nothing is executed by run, scan, explain or doctor", async ({
    skip,
  }) => {
    needStrace(skip);
    const host = createHost();
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const { guards, sprung, plain } = hostileRepositories(host);
    const output = join(host.home, "trace-run");
    const agent = await host.start({ under: strace({ calls: CALLS, output }) });
    const told = new Map<string, boolean | null>();
    for (const path of guards.keys()) {
      const text = `{"edited":"${path}"}\n`;
      host.write(path.slice(host.home.length + 1), text);
      const edit = await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
      told.set(path, edit.evidence.git_tracked);
    }
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(guards));

    const scan = traced(host, ["scan", "--format", "json", "--project", plain]);
    expect(scan).toContain("plain");
    traced(host, ["explain", join(plain, ".git/config")]);
    traced(host, ["doctor"], TOOLS);
    await agent.stop();
    await eventually(() => existsSync(output));
    expectNothingRan(output);
    expect(existsSync(sprung)).toBe(false);
    // The trap works: git itself runs it.
    askGit(host, plain);
    expect(existsSync(sprung)).toBe(true);
    const written = new Map([...guards.keys()].map((path) => [path, `{"edited":"${path}"}\n`]));
    const lost = untold({ events: await host.events() }, written).length;
    show({ rounds: 4, lost, did: { repositories: guards.size } });
  }, 240_000);
});
