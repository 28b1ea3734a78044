import { describe, expect, it } from "vitest";
import { SigilError } from "../../src/index.ts";
import { foldFor } from "../../src/policy/fold.ts";
import { compileGlob, globProblem, tidyGlob } from "../../src/policy/glob.ts";

const fold = foldFor("linux");
const names = (path: string) => (path === "" ? [] : path.split("/"));
const glob = (pattern: string) => compileGlob(pattern, fold);

describe("compileGlob", () => {
  describe("test", () => {
    it.each([
      ["*", ["a", ".a"], ["", "a/b"]],
      ["**", ["a", "a/b", ".a/.b", "a\nb/c\u2028"], [""]],
      ["**/x", ["x", "a/x", "a/b/x"], ["", "ax", "x/a"]],
      ["x/**", ["x", "x/a", "x/a/b"], ["y", "xa"]],
      ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a", "a/bx"]],
      ["**/a/**/a", ["a/a", "x/a/y/a"], ["a", "x/a"]],
      ["**/**/a", ["a", "x/a"], ["b"]],
      ["*/*", ["a/b"], ["a", "a/b/c"]],
      ["{a,b/c}/*.sh", ["a/x.sh", "b/c/x.sh"], ["b/x.sh", "x.sh"]],
      ["{a,**/b}", ["a", "b", "x/y/b"], ["x/a"]],
      ["@(a/b|c)", ["a/b", "c"], ["a", "b"]],
      ["x?(/y)", ["x", "x/y"], ["y"]],
      ["a//b/./c/", ["a/b/c"], ["a/b"]],
      ["**.js", ["x.js"], ["a/x.js"]],
    ])("of %j takes %j and not %j", (pattern, yes, no) => {
      const { test } = glob(pattern);
      expect(yes.filter((path) => !test(names(path)))).toEqual([]);
      expect(no.filter((path) => test(names(path)))).toEqual([]);
    });
  });
  describe("mayHold", () => {
    it.each([
      ["*", [""], ["a"]],
      ["a/*/hooks/x", ["", "a", "a/b", "a/b/hooks"], ["b", "a/b/c", "a/b/hooks/x"]],
      ["a/**", ["", "a", "a/b/c"], ["b"]],
      ["**/x", ["", "a/b/c", "x"], []],
      ["{a,b/c}/d", ["", "a", "b", "b/c"], ["c", "b/d", "a/d"]],
    ])("of %j enters %j and not %j", (pattern, yes, no) => {
      const { mayHold } = glob(pattern);
      expect(yes.filter((path) => !mayHold(names(path)))).toEqual([]);
      expect(no.filter((path) => mayHold(names(path)))).toEqual([]);
    });
  });
  describe("holdsAll", () => {
    it.each([
      ["**", ["", "a"], []],
      ["a/**", ["a", "a/b"], ["", "b"]],
      ["a/*/**", ["a", "a/b", "a/b/c"], ["", "b"]],
      ["a/?/**", ["a/b", "a/b/c"], ["a", "a/bb"]],
      ["**/x/**", ["x", "a/x", "a/x/b"], ["", "a"]],
      ["*", [], ["", "a"]],
      ["*/*/**", ["a"], [""]],
    ])("of %j covers %j and not %j", (pattern, yes, no) => {
      const { holdsAll } = glob(pattern);
      expect(yes.filter((path) => !holdsAll(names(path)))).toEqual([]);
      expect(no.filter((path) => holdsAll(names(path)))).toEqual([]);
    });
  });
  describe("when the pattern is refused", () => {
    it("throws the error of the table", () => {
      expect(() => glob("a/+(x)")).toThrow(SigilError);
      expect(() => glob("a/+(x)")).toThrow(
        expect.objectContaining({ code: "SIGIL_POLICY_GLOB", context: { pattern: "a/+(x)" } }),
      );
    });
  });
  it("comes back at once from patterns and paths made to explode", () => {
    const deep = Array.from({ length: 2000 }, () => "a");
    const long = Array.from({ length: 15 }, () => "a".repeat(255));
    expect(glob(`${"**/a/".repeat(50)}b`).test(deep)).toBe(false);
    expect(glob(`${"**/*a*/".repeat(20)}b`).test(deep)).toBe(false);
    expect(glob(`${"*a*a*a*/".repeat(14)}*a*b`).test(long)).toBe(false);
    expect(glob(`${"{a,a}".repeat(8)}*/b`).test(long)).toBe(false);
  });
});

describe("globProblem", () => {
  it.each([
    "a",
    "a(b)",
    "@(a|b)",
    "?(a)",
    "a\\*(b)",
    "[*](a)",
    "%ProgramFiles(x86)%/x",
    "a!b",
    "{a}",
  ])("has none with %j", (pattern) => {
    expect(globProblem(pattern)).toBeNull();
  });
  it.each(["*(a)", "x+(a|aa)", "!(x)/**", "a\0", "[[:alpha:]]", "[![:alpha:]]", "{1..1000}"])(
    "refuses %j",
    (pattern) => {
      expect(globProblem(pattern)).toEqual(expect.any(String));
    },
  );
});

describe("tidyGlob", () => {
  it.each([
    ["a/", "a"],
    ["./a//b/.", "a/b"],
    ["", ""],
    ["./", ""],
    [".a/..b", ".a/..b"],
  ])("makes %j %j", (pattern, expected) => {
    expect(tidyGlob(pattern)).toBe(expected);
  });
});
