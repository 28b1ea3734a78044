import { execFileSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createHost, eventually, writePolicy, type TestHost } from "./harness.ts";

function git(host: TestHost, cwd: string, ...args: string[]): void {
  const env = { HOME: host.home, PATH: "/usr/bin:/bin", GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", args, { cwd, env, stdio: "ignore" });
}

/** A project whose git configuration names a program to run at every turn. */
function hostileProject(host: TestHost): { project: string; trap: string; sprung: string } {
  const settings = host.write("code/project/.claude/settings.json", "{}\n");
  const project = host.path("code/project");
  const sprung = host.path("sprung");
  const trap = host.write("trap.sh", `#!/bin/sh\ntouch ${sprung}\n`);
  chmodSync(trap, 0o755);
  git(host, project, "init", "-q");
  git(host, project, "add", settings);
  for (const key of ["core.fsmonitor", "core.pager", "core.sshCommand", "filter.x.clean"])
    git(host, project, "config", key, trap);
  git(host, project, "config", "core.hooksPath", host.path("."));
  return { project, trap, sprung };
}

describe("a project in a repository with hostile configuration", () => {
  it("has git_tracked told right, and nothing of it is executed", async () => {
    const host = createHost();
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const { sprung, trap } = hostileProject(host);
    const agent = await host.start();
    const tracked = host.write("code/project/.claude/settings.json", "changed\n");
    const untracked = host.write("code/project/.claude/settings.local.json", "{}\n");
    const outside = host.write(".claude/settings.json", "{}\n");
    const told = async (path: string) =>
      (await agent.saw(path, ({ evidence }) => evidence.change_kind !== "discovered")).evidence
        .git_tracked;
    expect(await told(tracked)).toBe(true);
    expect(await told(untracked)).toBe(false);
    expect(await told(outside)).toBeNull();

    // The index changes under the agent: the answer follows.
    git(host, host.path("code/project"), "config", "--unset", "core.fsmonitor");
    git(host, host.path("code/project"), "add", "-f", untracked);
    host.write("code/project/.claude/settings.local.json", "again\n");
    await eventually(() => agent.of(untracked).at(-1)?.evidence.git_tracked === true);
    await agent.stop();
    expect(existsSync(sprung)).toBe(false);

    // The trap works: git itself, asked the same question, runs it.
    git(host, host.path("code/project"), "config", "core.fsmonitor", trap);
    git(host, host.path("code/project"), "status");
    expect(existsSync(sprung)).toBe(true);
  });

  it("is a project from the moment it appears under a workspace", async () => {
    const host = createHost();
    host.write("code/readme", "x\n");
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const agent = await host.start();
    const { project, sprung } = hostileProject(host);
    const settings = `${project}/.claude/settings.json`;
    const event = await agent.saw(settings);
    expect(event.target_id).toBe("claude-code-project-settings");
    expect(event.evidence.git_tracked).toBe(true);
    await agent.saw(`${project}/.git/config`);
    expect(existsSync(sprung)).toBe(false);
  });
});
