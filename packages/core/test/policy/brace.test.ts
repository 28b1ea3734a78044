import { describe, expect, it } from "vitest";
import { endOfClass, expandBraces } from "../../src/policy/brace.ts";

describe("expandBraces", () => {
  it.each([
    ["a", ["a"]],
    ["{a,b}", ["a", "b"]],
    ["x{a,b/c}y", ["xay", "xb/cy"]],
    ["{a,b}{c,d}", ["ac", "ad", "bc", "bd"]],
    ["{a,{b,c}d}", ["a", "bd", "cd"]],
    ["{a,}", ["a", ""]],
    ["@(a|b)c", ["ac", "bc"]],
    ["?(a|b)c", ["c", "ac", "bc"]],
    ["@({a,b}|c)", ["a", "b", "c"]],
    ["{1..3}", ["1", "2", "3"]],
    ["{3..1}", ["1", "2", "3"]],
    ["{08..10}", ["08", "09", "10"]],
    ["{a..c}", ["a", "b", "c"]],
  ])("writes %j out as %j", (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected);
  });
  it.each([
    "{a}",
    "{}",
    "{a",
    "a}",
    "{a,b",
    "a,b}",
    "\\{a,b}",
    "[{]a,b}",
    "(a|b)",
    "@(a",
    "{[,}]",
    "{a..1}",
  ])("leaves %j as it is", (pattern) => {
    expect(expandBraces(pattern)).toEqual([pattern]);
  });
  it("writes out what is inside of braces that stand for themselves", () => {
    expect(expandBraces("{x{a,b}}")).toEqual(["{xa}", "{xb}"]);
  });
  describe("when there would be too many", () => {
    it.each(["{a,b}".repeat(9), "{1..999999999}", "{1..20}{1..20}", `{${"a,".repeat(300)}}`])(
      "refuses %j",
      (pattern) => {
        expect(expandBraces(pattern)).toBeNull();
      },
    );
    it("takes as many as are allowed", () => {
      expect(expandBraces("{a,b}".repeat(8))).toHaveLength(256);
      expect(expandBraces("{1..256}")).toHaveLength(256);
    });
  });
  it("stays linear in unclosed and in nested braces", () => {
    expect(expandBraces("{".repeat(4096))).toEqual(["{".repeat(4096)]);
    expect(expandBraces("{a,".repeat(1365))).toHaveLength(1);
    const nested = "{".repeat(1000) + "a" + "}".repeat(1000);
    expect(expandBraces(nested)).toEqual([nested]);
    expect(expandBraces("@(".repeat(2000) + "}".repeat(90))).toHaveLength(1);
  });
});

describe("endOfClass", () => {
  it.each([
    ["[a]", 3],
    ["[]a]", 4],
    ["[!]a]", 5],
    ["[^a]b", 4],
    ["[\\]a]", 5],
    ["[a", null],
    ["[a/b]", null],
    ["[]", null],
    ["[!]", null],
  ])("of %j is %j", (text, expected) => {
    expect(endOfClass(text, 0)).toBe(expected);
  });
});
