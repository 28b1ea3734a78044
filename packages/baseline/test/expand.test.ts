import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BASELINE } from "@sigil/baseline";
import { describe, expect, it } from "vitest";
import { contextOf, movedEnv, native, OPTIONAL_VARIABLES, PLATFORMS, probe } from "./fixture.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");

/** Directories that may hold anything, so that no walk may start there. */
const WIDE = [
  "~",
  "@",
  "~/code",
  "~/.config",
  "~/Documents",
  "~/Library",
  "~/AppData",
  "~/AppData/Roaming",
  "~/.claude",
  "~/.codex",
  "~/.gemini",
  "~/.cursor",
  "~/.copilot",
  "~/.cline",
  "~/.qwen",
  "@/.git",
  "@/.claude",
  "@/.codex",
  "@/.gemini",
  "@/.cursor",
  "@/.opencode",
];

describe.each(PLATFORMS)("expansion of the baseline on %s", (platform) => {
  describe("when only the platform's usual variables are set", () => {
    const { roots, skipped } = probe(platform).expansion;

    it("skips optional variables and nothing else", () => {
      const others = skipped.filter(
        ({ why, detail }) =>
          why !== "unset_variable" || !(OPTIONAL_VARIABLES as readonly string[]).includes(detail),
      );
      expect(others).toEqual([]);
    });

    it("gives every target of the platform a root", () => {
      const rooted = new Set(roots.map((root) => root.targetId));
      const rootless = BASELINE.targets
        .filter((target) => target.platform === "any" || target.platform === platform)
        .map((target) => target.id)
        .filter((id) => !rooted.has(id));
      expect(rootless.filter((id) => !id.endsWith("-managed-override"))).toEqual([]);
    });

    it("walks no tree that may hold anything", () => {
      const wide = new Set(WIDE.map((path) => native(platform, path)));
      const walks = roots.filter((root) => root.recursive || root.pattern?.includes("**"));
      expect(walks.filter((root) => wide.has(root.base))).toEqual([]);
    });

    it("walks critical trees only where hook scripts are", () => {
      const trees = roots.filter(
        (root) => root.tier === "critical" && root.pattern?.includes("**"),
      );
      expect(trees.length).toBeGreaterThan(0);
      expect(trees.filter((root) => !/[\\/]hooks$/.test(root.base))).toEqual([]);
    });

    it("never watches the agent's own state directory as a whole", () => {
      const own = [".local/state/sigil", "AppData/Local/Sigil", ".config/sigil"];
      const bases = new Set(own.map((path) => native(platform, `~/${path}`)));
      expect(roots.filter((root) => bases.has(root.base))).toEqual([]);
    });
  });

  describe("when every optional variable is set", () => {
    const moved = movedEnv(platform);
    const baseline = probe(platform, contextOf(platform, moved));

    it("skips nothing", () => {
      expect(baseline.expansion.skipped).toEqual([]);
    });

    it("uses every variable", () => {
      const bases = baseline.expansion.roots.map((root) => root.base);
      const unused = Object.values(moved).filter(
        (place) => !bases.some((base) => base.startsWith(place)),
      );
      expect(unused).toEqual([]);
    });
  });

  describe("when one home has ten projects", () => {
    it("stays below 2000 roots", () => {
      const context = contextOf(platform);
      const projects = Array.from({ length: 10 }, (_, index) =>
        native(platform, `~/code/p${index}`),
      );
      const { roots } = probe(platform, { ...context, projects }).expansion;
      expect(roots.length).toBeGreaterThan(1000);
      expect(roots.length).toBeLessThan(2000);
    });
  });
});

describe("a tool's home that a variable moves", () => {
  const paths = BASELINE.targets
    .filter((target) => target.platform === "any")
    .flatMap((target) => target.paths.map((path) => ({ id: target.id, path })));
  const below = (prefix: string) =>
    paths
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ id, path }) => `${id}: ${path.slice(prefix.length)}`)
      .toSorted();

  it.each([
    ["~/.claude/", "$CLAUDE_CONFIG_DIR/"],
    ["~/.codex/", "$CODEX_HOME/"],
    ["~/.gemini/", "$GEMINI_CLI_HOME/.gemini/"],
    ["~/.copilot/", "$COPILOT_HOME/"],
    ["~/.config/fish/", "$XDG_CONFIG_HOME/fish/"],
    ["~/.config/git/", "$XDG_CONFIG_HOME/git/"],
    ["~/.config/sigil/", "$XDG_CONFIG_HOME/sigil/"],
    ["~/.config/opencode/", "$XDG_CONFIG_HOME/opencode/"],
  ])("%s is watched the same at %s", (usual, moved) => {
    const expected = below(usual);
    expect(expected.length).toBeGreaterThan(0);
    // Claude Code keeps `.claude.json` beside its home, but inside a moved one.
    expect(below(moved).filter((line) => !line.endsWith(": .claude.json"))).toEqual(expected);
  });
});

describe("policies/README.md", () => {
  it("lists every optional variable", async () => {
    const text = await readFile(join(REPOSITORY, "policies/README.md"), "utf8");
    expect(OPTIONAL_VARIABLES.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});
