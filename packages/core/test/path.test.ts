import { describe, expect, it } from "vitest";
import {
  isRawKey,
  isWithin,
  keyText,
  nameOf,
  parentOf,
  rawKey,
  readableText,
  relativeTo,
} from "../src/index.ts";

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

describe("raw keys", () => {
  it("are told from text and give their bytes back", () => {
    const key = rawKey("/a/\xff");
    expect(isRawKey(key)).toBe(true);
    expect(isRawKey("/a/\xff")).toBe(false);
    expect(keyText(key)).toBe("/a/\xff");
    expect(keyText("/a")).toBe("/a");
  });
});

describe("readableText", () => {
  it("leaves text alone", () => {
    expect(readableText("/ü/\ud800")).toBe("/ü/\ud800");
  });
  it("decodes what is UTF-8 in a raw key and keeps odd bytes apart", () => {
    expect(readableText(rawKey(`${latin1("/home/jürgen/日本/😀")}/\xff\xc3`))).toBe(
      "/home/jürgen/日本/😀/\udcff\udcc3",
    );
  });
  it.each([
    ["overlong slash", "\xc0\xaf"],
    ["surrogate", "\xed\xa0\x80"],
    ["beyond U+10FFFF", "\xf4\x90\x80\x80"],
    ["overlong NUL", "\xe0\x80\x80"],
    ["cut off", "\xe2\x82"],
  ])("does not decode an invalid sequence: %s", (_name, bytes) => {
    const expected = Array.from(bytes, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
    expect(readableText(rawKey(bytes))).toBe(expected.join(""));
  });
});

describe("parentOf", () => {
  it.each([
    ["/a/b", "/a"],
    ["/a", "/"],
    ["/", null],
    ["C:\\a\\b", "C:\\a"],
    ["C:\\a", "C:\\"],
    ["C:\\", null],
    ["C:\\a/b", "C:\\a"],
    ["/a/b\\c", "/a"],
    ["/a\n/b", "/a\n"],
    ["name", null],
  ])("of %j is %j", (path, expected) => {
    expect(parentOf(path)).toBe(expected);
  });
  it.each(["/a/b/c", "C:\\a\\b", "\\\\server\\share\\x", "\\\\?\\C:\\x", "\\\\", "C:x", ""])(
    "of %j comes to an end",
    (path) => {
      let steps = 0;
      for (let at: string | null = path; at !== null && steps < 20; at = parentOf(at)) steps += 1;
      expect(steps).toBeLessThan(20);
    },
  );
});

describe("nameOf", () => {
  it.each([
    ["/a/b", "b"],
    ["/a\\b", "a\\b"],
    ["C:\\a\\b", "b"],
    ["b", "b"],
  ])("of %j is %j", (path, expected) => {
    expect(nameOf(path)).toBe(expected);
  });
});

describe("isWithin", () => {
  it.each([
    ["/a", "/a", true],
    ["/a/b", "/a", true],
    ["/ab", "/a", false],
    ["/a", "/", true],
    ["/", "/a", false],
    ["C:\\a", "C:\\", true],
    ["C:\\a\\b", "C:\\a", true],
    ["C:\\ab", "C:\\a", false],
    ["\\\\s\\h\\x", "\\\\s\\h", true],
  ])("%j in %j: %s", (path, base, expected) => {
    expect(isWithin(path, base)).toBe(expected);
  });
  describe("when a POSIX name holds a backslash", () => {
    it("does not take it for a separator", () => {
      expect(isWithin("/a/cache\\evil", "/a/cache")).toBe(false);
      expect(isWithin("/a/we\\ird", "/a/we\\")).toBe(false);
      expect(isWithin("/a/we\\/x", "/a/we\\")).toBe(true);
    });
  });
});

describe("relativeTo", () => {
  it.each([
    ["/a/b/c", "/a", "b/c"],
    ["/a", "/a", ""],
    ["/a", "/", "a"],
    ["C:\\a\\b\\c", "C:\\a", "b/c"],
    ["C:\\a\\b", "C:\\", "a/b"],
    ["/we\\ird/a\\b", "/we\\ird", "a\\b"],
  ])("%j from %j is %j", (path, base, expected) => {
    expect(relativeTo(path, base)).toBe(expected);
  });
});
