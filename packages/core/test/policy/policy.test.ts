import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, policySchema } from "../../src/index.ts";

describe("policySchema", () => {
  describe("when the document is empty but for its version", () => {
    it("fills in everything", () => {
      expect(policySchema.parse({ version: 1 })).toEqual({
        version: 1,
        overrides: [],
        targets: [],
        workspaces: [],
        settings: DEFAULT_SETTINGS,
        rubric: { weights: {} },
        known_hosts: [],
        accepted: [],
      });
    });
  });
  it("takes the example of the design", () => {
    const example = {
      version: 1,
      host_id_strategy: "machine_id",
      overrides: [{ id: "shadow-ai-binaries-macos", tier: "standard" }],
      targets: [
        {
          id: "team-mcp-allowlist",
          description: "Example MCP allowlist file",
          tier: "critical",
          platform: "any",
          paths: ["~/.config/example/mcp-allowlist.json"],
          recursive: false,
          follow_symlinks: false,
        },
      ],
    };
    expect(policySchema.parse(example)).toMatchObject(example);
  });
  describe("when something is wrong", () => {
    it.each([
      ["no version", {}, ["version"]],
      ["another version", { version: 2 }, ["version"]],
      ["an unknown key", { version: 1, target: [] }, []],
      ["a weight", { version: 1, rubric: { weights: { x: 11 } } }, ["rubric", "weights", "x"]],
      ["a strategy", { version: 1, host_id_strategy: "mac" }, ["host_id_strategy"]],
      ["a static id", { version: 1, host_id_strategy: { static: "a b" } }, ["host_id_strategy"]],
      ["a host", { version: 1, known_hosts: [""] }, ["known_hosts", 0]],
      ["an acceptance", { version: 1, accepted: [{}] }, ["accepted", 0]],
    ])("refuses %s and says where", (_what, given, path) => {
      const issues = policySchema.safeParse(given).error?.issues ?? [];
      expect(issues.length).toBeGreaterThan(0);
      expect(issues[0]?.path.slice(0, path.length)).toEqual(path);
    });
  });
  it("takes a static host id of printable ASCII", () => {
    const given = { version: 1, host_id_strategy: { static: "rack-7/a" } };
    expect(policySchema.parse(given).host_id_strategy).toEqual({ static: "rack-7/a" });
  });
});
