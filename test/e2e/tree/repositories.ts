import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHOR } from "../author.ts";
import type { TestHost } from "../harness.ts";

/** Hooks that git runs; the clean ones are left to git itself. */
const HOOKS = ["post-checkout", "post-index-change", "pre-commit", "reference-transaction"];

const PLAIN = "code/plain";

function git(host: TestHost, cwd: string, args: readonly string[], input = ""): void {
  const env = {
    HOME: host.home,
    PATH: "/usr/bin:/bin",
    ...AUTHOR,
    GIT_ALLOW_PROTOCOL: "file",
  };
  execFileSync("/usr/bin/git", args, { cwd, env, input, stdio: ["pipe", "ignore", "pipe"] });
}

/** Everything in a configuration that names a program to run. */
function config(trap: string): string {
  return [
    `[core]\n\tfsmonitor = ${trap}\n\thooksPath = hooks\n\tsshCommand = ${trap}\n\tpager = ${trap}`,
    `\teditor = ${trap}\n\taskPass = ${trap}\n\tgitProxy = ${trap}\n\talternateRefsCommand = ${trap}`,
    `[filter "x"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n\tprocess = ${trap}\n\trequired = true`,
    `[diff]\n\texternal = ${trap}\n[diff "x"]\n\tcommand = ${trap}\n\ttextconv = ${trap}`,
    `[merge "x"]\n\tdriver = ${trap}\n[gpg]\n\tprogram = ${trap}\n[credential]\n\thelper = !${trap}`,
    `[alias]\n\tstatus = !${trap}\n\tls-files = !${trap}\n[include]\n\tpath = more`,
    `[uploadpack]\n\tpackObjectsHook = ${trap}\n[sequence]\n\teditor = ${trap}\n`,
  ].join("\n");
}

/** One that is committed to, and then made hostile. @returns a guard file that its index knows */
function repository(host: TestHost, at: string, trap: string, entries = 0): string {
  const guard = host.write(`${at}/.claude/settings.json`, "{}\n");
  const project = host.path(at);
  host.write(`${at}/.gitattributes`, "* filter=x diff=x merge=x\n");
  host.write(
    `${at}/.gitmodules`,
    `[submodule "a"]\n\tpath = a\n\turl = ext::${trap}\n\tupdate = !${trap}\n`,
  );
  git(host, project, ["init", "-q", "-b", "main"]);
  git(host, project, ["add", "-A"]);
  git(host, project, ["commit", "-q", "-m", "one"]);
  if (entries > 0) {
    const blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    const lines = Array.from({ length: entries }, (_, index) => `100644 ${blob}\tmany/f${index}\n`);
    git(host, project, ["update-index", "--index-info"], lines.join(""));
  }
  return guard;
}

function arm(host: TestHost, at: string, trap: string): void {
  const hooks = `${at}/.git/hooks`;
  for (const name of HOOKS) {
    const path = host.write(`${hooks}/${name}`, readFileSync(trap));
    chmodSync(path, 0o755);
  }
  host.append(`${at}/.git/config`, config(trap));
  host.write(`${at}/.git/more`, `[core]\n\tfsmonitor = ${trap}\n`);
  // Also what git itself would refuse, but for one that stays whole and shows that the trap works.
  if (at !== PLAIN)
    host.append(`${at}/.git/packed-refs`, `${"a".repeat(40)} refs/heads/x\n`.repeat(100_000));
}

export interface Repositories {
  /** Guard files, and whether their repository's index knows them: null where that cannot be told. */
  readonly guards: ReadonlyMap<string, boolean | null>;
  /** Made by anything of this that is executed. */
  readonly sprung: string;
  /** A project in which git itself, asked for its status, runs the trap. */
  readonly plain: string;
}

/** Repositories of every form, each of which names the trap wherever git would run it. */
export function hostileRepositories(host: TestHost): Repositories {
  const sprung = host.path("sprung");
  const trap = host.write("trap.sh", `#!/bin/sh\ntouch ${sprung}\n`);
  chmodSync(trap, 0o755);
  const guards = new Map<string, boolean | null>();
  guards.set(repository(host, PLAIN, trap), true);
  guards.set(repository(host, "code/large", trap, 100_000), true);
  guards.set(repository(host, "code/corrupt", trap), null);
  guards.set(repository(host, "outside/real", trap), true);
  // Its configuration grows beyond what is read: whether it names another index cannot be told.
  guards.set(repository(host, "code/config", trap), null);

  git(host, host.path(PLAIN), ["worktree", "add", "-q", host.path("code/tree"), "-b", "other"]);
  guards.set(host.path("code/tree/.claude/settings.json"), true);
  // A submodule whose git directory lies in the one of its parent.
  const parent = host.path(PLAIN);
  git(host, parent, [
    "-c",
    "protocol.file.allow=always",
    "submodule",
    "add",
    "-q",
    "-f",
    host.path("outside/real"),
    "sub",
  ]);
  guards.set(join(parent, "sub/.claude/settings.json"), true);

  for (const at of [PLAIN, "code/large", "code/corrupt", "outside/real", "code/config"])
    arm(host, at, trap);
  guards.delete(host.path("outside/real/.claude/settings.json"));
  // A pointer to a repository outside the workspace, and to one that points back.
  host.write("code/pointer/.git", `gitdir: ${host.path("outside/real/.git")}\n`);
  guards.set(host.write("code/pointer/.claude/settings.json", "{}\n"), true);
  host.write("code/circle/.git", "gitdir: ./.git\n");
  guards.set(host.write("code/circle/.claude/settings.json", "{}\n"), null);
  // A bare repository that lies among files, with a configuration of its own.
  const bare = host.path("code/bare/inner.git");
  mkdirSync(bare, { recursive: true });
  git(host, bare, ["init", "-q", "--bare"]);
  host.append("code/bare/inner.git/config", config(trap));
  host.write("code/bare/.claude/settings.json", "{}\n");

  const index = host.path("code/corrupt/.git/index");
  const bytes = readFileSync(index);
  writeFileSync(index, bytes.fill(0xff, 12));
  host.append("code/config/.git/config", "[a]\n\tb = c\n".repeat(500_000));
  return { guards, sprung, plain: host.path(PLAIN) };
}

/** Git itself, asked for what the agent tells without it. */
export function askGit(host: TestHost, project: string): void {
  try {
    git(host, project, ["status"]);
  } catch {
    // What the trap answers is no answer.
  }
}
