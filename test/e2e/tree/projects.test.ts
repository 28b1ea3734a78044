import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { show } from "../long.ts";
import { doctorSays } from "./doctor.ts";

describe("a directory under a workspace that was empty when it was made", () => {
  it("is a project once it becomes one, however much later", async () => {
    const host = createHost();
    host.write("code/other/.git/HEAD", "ref: refs/heads/main\n");
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const agent = await host.start();
    const { watched_directories: before } = await host.status();
    mkdirSync(host.path("code/team/fresh"), { recursive: true });
    await eventually(async () => (await host.status()).watched_directories >= before + 2);
    const settings = host.write("code/team/fresh/.claude/settings.json", "{}\n");
    const event = await agent.saw(settings);
    expect(event.target_id).toBe("claude-code-project-settings");
  });

  it("is found where everything is polled too", async () => {
    const host = createHost();
    host.write("code/other/.git/HEAD", "ref: refs/heads/main\n");
    writePolicy(
      host,
      'workspaces: ["~/code"]\nsettings: {watch: {poll: true, poll_interval_ms: 200, poll_standard_interval_ms: 400}}\n',
    );
    const agent = await host.start();
    const settings = host.write("code/team/fresh/.claude/settings.json", "{}\n");
    const event = await agent.saw(settings);
    expect(event.target_id).toBe("claude-code-project-settings");
  });
});

describe("a workspace with more than is looked at", () => {
  it.each([
    ["projects", "max_projects: 20"],
    ["directories", "max_directories: 40"],
    ["entries", "max_entries: 100"],
  ])("of %s is told by an event and by doctor", async (_what, limit) => {
    const host = createHost();
    for (let index = 0; index < 60; index += 1)
      host.write(`code/p${index}/.mcp.json`, '{"mcpServers":{}}\n');
    writePolicy(host, `workspaces: ["~/code"]\nsettings: {projects: {${limit}}}\n`);
    const agent = await host.start();
    await eventually(() =>
      ofKind(agent.events, "watcher_degraded").find(({ reason }) => reason === "sweep_limit"),
    );
    await eventually(async () => (await doctorSays(host)).includes("projects-limit"), 60_000);
    show({ rounds: 1, did: { projects: (await host.status()).projects } });
    await agent.stop();
  });
});
