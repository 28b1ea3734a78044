import { describe, expect, it } from "vitest";
import { foldFor } from "../../src/policy/fold.ts";
import { compileSegment } from "../../src/policy/segment.ts";

const exact = foldFor("linux");

describe("compileSegment", () => {
  it.each([
    ["a", ["a"], ["A", "ab", ""]],
    ["*", ["a", ".a", "a\nb", ".", "\udcff"], []],
    ["*.json", [".json", "a.json", "a.b.json"], ["ajson", "a.json5", "a.json\n"]],
    ["a*", ["a", "ab", "a\n"], ["ba"]],
    ["?", ["a", ".", "\n", "😀", "é"], ["", "ab"]],
    ["*a*b", ["ab", "aab", "xaxbb"], ["ba", "abc"]],
    ["[a-c]x", ["ax", "cx"], ["dx", "Ax", "-x"]],
    ["[!a-c]", ["d", "-", "."], ["a", "b"]],
    ["[^a]", ["b"], ["a"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["[-a]", ["a", "-"], ["b"]],
    ["[a\\-c]", ["a", "-", "c"], ["b"]],
    ["[\\]]", ["]"], ["\\"]],
    ["[a", ["[a"], ["a"]],
    ["[😀-😂]x", ["😁x"], ["😎x"]],
    ["😀[ab]", ["😀a"], ["a"]],
    ["\\*", ["*"], ["a", "\\*"]],
    ["\\", ["\\"], []],
    ["a**b", ["ab", "axb"], ["a"]],
    ["(a|b)+$^.", ["(a|b)+$^."], ["a", "b", "a|b"]],
    ['"a"*', ['"a"', '"a"x'], ["a"]],
    ["{a}", ["{a}"], ["a"]],
    ["!a*", ["!a", "!ab"], ["a", "b"]],
  ])("%j takes %j and not %j", (pattern, yes, no) => {
    const test = compileSegment(pattern, exact);
    expect(yes.filter((name) => !test(name))).toEqual([]);
    expect(no.filter((name) => test(name))).toEqual([]);
  });
  describe("when names are folded", () => {
    const fold = foldFor("macos");
    it.each([
      ["[A-Z]x", "ax", true],
      ["[a-z]X", "AX", true],
      ["[!A-Z]", "b", false],
      ["Stra*ße", "STRASSE", true],
    ])("%j takes %j: %s", (pattern, name, expected) => {
      expect(compileSegment(pattern, fold)(fold(name))).toBe(expected);
    });
  });
  it("comes back at once from patterns made to explode", () => {
    const name = "a".repeat(255);
    expect(compileSegment(`${"*a".repeat(60)}b`, exact)(name)).toBe(false);
    expect(compileSegment(`${"*a".repeat(60)}*`, exact)(name)).toBe(true);
    expect(compileSegment(`${"?*".repeat(200)}b`, exact)(name)).toBe(false);
  });
});

describe("foldFor", () => {
  it.each([
    ["linux", "A", "a", false],
    ["linux", "\u00e9", "e\u0301", false],
    ["windows", "C:\\Users\\ÄB", "c:\\uSERS\\äb", true],
    ["windows", "\u00e9", "e\u0301", false],
    ["macos", "/Users/J\u00fcrgen", "/users/Ju\u0308rgen", true],
    ["macos", "\u017fettings.json", "settings.json", true],
    ["macos", "\u212aey", "key", true],
    ["macos", "stra\u00dfe", "STRASSE", true],
    ["macos", "ΟΔΟΣ", "οδος", true],
    ["macos", "a", "b", false],
  ] as const)("on %s %j and %j are one name: %s", (platform, one, other, expected) => {
    const fold = foldFor(platform);
    expect(fold(one) === fold(other)).toBe(expected);
  });
});
