import { BASELINE } from "@sigil/baseline";
import { describe, expect, it } from "vitest";
import { contextOf, movedEnv, native, PLATFORMS, probe } from "./fixture.ts";
import { COMMON } from "./paths/common.ts";
import { NEVER, NEVER_ENTERED } from "./paths/never.ts";
import { BY_PLATFORM } from "./paths/platform.ts";

describe.each(PLATFORMS)("the baseline on %s", (platform) => {
  const baseline = probe(platform);

  describe("when a guard file is looked up", () => {
    it.each([...COMMON, ...BY_PLATFORM[platform]])("%s belongs to %s (%s)", (path, id, tier) => {
      const match = baseline.match(path);
      expect({ id: match?.targetId, tier: match?.tier }).toEqual({ id, tier });
    });
  });

  describe("when a transcript, a cache, a dependency or other content is looked up", () => {
    it.each(NEVER)("%s belongs to no target", (path) => {
      expect(baseline.match(path)?.targetId).toBeUndefined();
    });
  });

  describe("when a directory is full of what is not watched", () => {
    it.each(NEVER_ENTERED)("%s is not entered", (path) => {
      const directory = native(platform, path);
      const entering = baseline.expansion.roots
        .filter((root) => baseline.matcher.mayDescend(root, directory))
        .map((root) => root.targetId);
      expect(entering).toEqual([]);
    });
  });

  describe("when the home directory is itself a project", () => {
    it("gives user settings to the user's target", () => {
      const home = native(platform, "~");
      const context = {
        platform,
        homes: [{ user: "alice", path: home }],
        env: {},
        projects: [home],
      };
      const match = probe(platform, context).match("~/.claude/settings.json");
      expect(match?.targetId).toBe("claude-code-user-settings");
      expect(match?.roots.map((root) => root.targetId)).toContain("claude-code-project-settings");
    });
  });
});

describe("a tool's home that a variable moves", () => {
  const moved = probe("linux", contextOf("linux", movedEnv("linux")));

  it.each([
    ["/moved/CLAUDE_CONFIG_DIR/settings.json", "claude-code-user-settings"],
    ["/moved/CLAUDE_CONFIG_DIR/.claude.json", "claude-code-user-trust"],
    ["/moved/CLAUDE_CODE_MANAGED_SETTINGS_PATH", "claude-code-managed-override"],
    ["/moved/CODEX_HOME/config.toml", "codex-user-settings"],
    ["/moved/GEMINI_CLI_HOME/.gemini/settings.json", "gemini-cli-user-settings"],
    ["/moved/GEMINI_CLI_TRUSTED_FOLDERS_PATH", "gemini-cli-user-trust"],
    ["/moved/GEMINI_CLI_SYSTEM_SETTINGS_PATH", "gemini-cli-managed-override"],
    ["/moved/COPILOT_HOME/config.json", "copilot-user-settings"],
    ["/moved/OPENCODE_CONFIG", "opencode-user-settings"],
    ["/moved/XDG_CONFIG_HOME/cursor/cli-config.json", "cursor-user-settings"],
    ["/moved/XDG_CONFIG_HOME/sigil/policy.yaml", "sigil-user-config"],
    ["/moved/ZDOTDIR/.zshrc", "shell-user-startup"],
  ])("%s belongs to %s", (path, id) => {
    expect(moved.match(path)).toMatchObject({ targetId: id, tier: "critical" });
  });

  it("still watches the usual place", () => {
    expect(moved.match("~/.codex/config.toml")?.targetId).toBe("codex-user-settings");
  });

  it("leaves transcripts in the moved home alone", () => {
    expect(moved.match("/moved/CLAUDE_CONFIG_DIR/projects/a/1.jsonl")).toBeNull();
    expect(moved.match("/moved/CODEX_HOME/sessions/2026/1.jsonl")).toBeNull();
  });
});

describe("the tables", () => {
  it("name every critical target that needs no variable", () => {
    const named = new Set([...COMMON, ...Object.values(BY_PLATFORM).flat()].map(([, id]) => id));
    const missing = BASELINE.targets
      .filter(({ id, tier }) => tier === "critical" && !id.endsWith("-managed-override"))
      .filter(({ id }) => !named.has(id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});
