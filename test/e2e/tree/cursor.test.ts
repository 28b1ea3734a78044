import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { doctorSays } from "./doctor.ts";

const NAMES = 256;

/** Folders of Cursor that all lead to one directory, with this many entries in it. */
function crowd(host: TestHost, entries: number): void {
  mkdirSync(host.path("x"), { recursive: true });
  for (let index = 0; index < entries; index += 1) writeFileSync(host.path(`x/f${index}`), "");
  const slug = host
    .path("x")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-/, "");
  for (let index = 0; index < NAMES; index += 1)
    mkdirSync(host.path(`.cursor/projects/${slug}-${index}`), { recursive: true });
}

describe("folders of Cursor that all lead to one crowded directory", () => {
  it("name their projects all the same, and hold up no change", async () => {
    const host = createHost();
    host.write("x/7/.git/HEAD", "ref: refs/heads/main\n");
    host.write(".gemini/trustedFolders.json", "{}\n");
    const user = host.write(".claude/settings.json", "{}\n");
    const agent = await host.start();
    const entries = LONG ? 30_000 : 3000;
    crowd(host, entries);
    host.write(".gemini/trustedFolders.json", "{ }\n");
    await eventually(async () => (await host.status()).projects >= 1);
    host.write(".claude/settings.json", '{"hooks":{}}\n');
    await agent.saw(user, ({ evidence }) => evidence.change_kind === "modified");
    const settings = host.write("x/7/.claude/settings.json", "{}\n");
    expect((await agent.saw(settings)).target_id).toBe("claude-code-project-settings");
    show({ rounds: 1, did: { names: NAMES, entries } });
  }, 120_000);

  it("are told by an event and by doctor where it has more entries than are read", async () => {
    const host = createHost();
    crowd(host, 300);
    writePolicy(host, "settings: {projects: {max_entries: 400}}\n");
    const agent = await host.start();
    const told = await eventually(() =>
      ofKind(agent.events, "watcher_degraded").find(({ reason }) => reason === "sweep_limit"),
    );
    expect(told.detail).toContain(host.path(".cursor/projects"));
    await eventually(async () => (await doctorSays(host)).includes("projects-limit"), 60_000);
    await agent.stop();
  }, 120_000);
});

describe("a record of projects that is too large to be read", () => {
  it("is told by an event, and holds up nothing", async () => {
    const host = createHost();
    const tables = Array.from({ length: 60_000 }, (_, index) => `[projects."/nowhere/${index}"]`);
    const file = host.write(".codex/config.toml", `${tables.join("\n")}\n`);
    const agent = await host.start();
    const told = await eventually(() =>
      ofKind(agent.events, "watcher_degraded").find(({ reason }) => reason === "sweep_limit"),
    );
    expect(told.detail).toContain(file);
    await agent.stop();
  }, 120_000);
});
