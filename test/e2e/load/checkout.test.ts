import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastStates, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { during, expectUnharmed } from "./during.ts";
import { runProgram } from "./program.ts";

const FILES = LONG ? 20_000 : 6000;
const PER_DIRECTORY = 200;
/** Odd: back on the branch it was swept on, a file looked at only then is what is stored, and nothing is to be told. */
const SWITCHES = LONG ? 11 : 3;
/** Of the files that are watched one by one and told. */
const TOLD = LONG ? 5000 : 500;

function filesOf(branch: string): [path: string, text: string][] {
  const many = Array.from({ length: FILES }, (_, index): [string, string] => {
    const folder = index < TOLD ? ".claude/skills" : "src";
    return [`${folder}/d${Math.floor(index / PER_DIRECTORY)}/f${index}.md`, `${branch} ${index}\n`];
  });
  return [
    ...many,
    [".claude/hooks/check.sh", `# ${branch}\n`],
    [".claude/settings.json", `{"branch":"${branch}"}\n`],
  ];
}

/** A commit as `git fast-import` reads it. */
function commitOf(branch: string): string {
  const head = `commit refs/heads/${branch}\ncommitter t <t@example.org> 0 +0000\ndata 0\n`;
  const files = filesOf(branch).map(
    ([path, text]) => `M 100644 inline ${path}\ndata ${text.length}\n${text}`,
  );
  return `${head}${files.join("")}\n`;
}

/** A repository of two branches that differ in every file: sources, skills, and the guard files themselves. */
function makeRepository(host: TestHost, project: string): void {
  mkdirSync(project, { recursive: true });
  const env = { HOME: host.home, PATH: "/usr/bin:/bin", GIT_CONFIG_NOSYSTEM: "1" };
  const git = (args: readonly string[], input = "") =>
    execFileSync("/usr/bin/git", args, {
      cwd: project,
      env,
      input,
      stdio: ["pipe", "ignore", "pipe"],
    });
  git(["init", "-q", "-b", "none"]);
  git(["fast-import", "--quiet"], ["one", "two"].map(commitOf).join(""));
  git(["checkout", "-q", "two"]);
}

describe("git switching between branches of thousands of files in a workspace", () => {
  it("keeps no critical edit elsewhere waiting, and every watched file is told as it is in the end", async () => {
    const host = createHost();
    const project = host.path("code/app");
    makeRepository(host, project);
    writePolicy(
      host,
      'workspaces: ["~/code"]\nsettings: {rate: {target_per_minute: 1000000}, watch: {recheck_ms: 1000}}\n',
    );
    const agent = await host.start();
    const cost = await during(host, agent, async () => {
      for (let index = 0; index < SWITCHES; index += 1)
        await runProgram("/usr/bin/git", ["checkout", "-q", index % 2 === 0 ? "one" : "two"], {
          cwd: project,
          home: host.home,
        });
    });
    const watched = join(project, ".claude");
    const expected = treeStates(watched);
    const differing = () => {
      const told = lastStates(agent.events, watched);
      return [...expected].filter(([path, digest]) => told.get(path) !== digest);
    };
    const lost = await eventually(() => differing().length === 0, 90_000).then(
      () => 0,
      () => differing().length,
    );
    show({ rounds: SWITCHES, lost, did: { files: FILES, told: expected.size, ...cost } });
    expect(lost).toBe(0);
    expectUnharmed(agent, cost);
  }, 600_000);
});
