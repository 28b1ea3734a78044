import { describe, expect, it } from "vitest";
import { overrideSchema, targetSchema } from "../../src/index.ts";

const MINIMAL = { id: "a", tier: "critical", paths: ["~/x"] };

describe("targetSchema", () => {
  describe("when only the required fields are given", () => {
    it("fills in the rest", () => {
      expect(targetSchema.parse(MINIMAL)).toEqual({
        ...MINIMAL,
        description: "",
        platform: "any",
        exclude: [],
        recursive: false,
        follow_symlinks: true,
        disabled: false,
      });
    });
  });
  describe("when an id could not stand in an event or a key", () => {
    it.each(["", "A", "a b", "-a", "a\0", "a\n", "ä", "a".repeat(129)])("refuses %j", (id) => {
      expect(targetSchema.safeParse({ ...MINIMAL, id }).success).toBe(false);
    });
    it.each(["a", "0", "a.b_c-d", "a".repeat(128)])("takes %j", (id) => {
      expect(targetSchema.safeParse({ ...MINIMAL, id }).success).toBe(true);
    });
  });
  describe("when a field is wrong", () => {
    it.each([
      ["no paths", { paths: [] }, ["paths"]],
      ["an empty path", { paths: [""] }, ["paths", 0]],
      ["a path with a NUL", { paths: ["/a\0b"] }, ["paths", 0]],
      ["a path too long", { paths: ["/".repeat(4097)] }, ["paths", 0]],
      ["a repeated group", { paths: ["/a", "/b/+(a|aa)c"] }, ["paths", 1]],
      ["a negated group in an exclude", { exclude: ["!(keep)/**"] }, ["exclude", 0]],
      ["braces without end", { paths: [`/a/${"{a,b}".repeat(9)}`] }, ["paths", 0]],
      ["a tier", { tier: "high" }, ["tier"]],
      ["a platform", { platform: "darwin" }, ["platform"]],
      ["a flag as text", { recursive: "yes" }, ["recursive"]],
      ["an unknown key", { colour: 1 }, []],
    ])("refuses %s and says where", (_what, change, path) => {
      const result = targetSchema.safeParse({ ...MINIMAL, ...change });
      expect(result.error?.issues.map((issue) => issue.path)).toEqual([path]);
    });
  });
  it("takes the tokens of the design, braces of a variable included", () => {
    const paths = [
      "~",
      "$HOME/x",
      "${XDG_CONFIG_HOME}/x",
      "%APPDATA%\\x",
      "$SIGIL_PROJECT/*.{a,b}",
    ];
    expect(targetSchema.safeParse({ ...MINIMAL, paths }).success).toBe(true);
  });
});

describe("overrideSchema", () => {
  it("changes nothing but tier and disabled", () => {
    expect(overrideSchema.parse({ id: "a", tier: "standard", disabled: true })).toBeTruthy();
    expect(overrideSchema.safeParse({ id: "a", paths: ["/x"] }).success).toBe(false);
  });
});
