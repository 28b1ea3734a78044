import { describe, expect, it } from "vitest";
import { rawKey } from "@sigil/core/plain";
import { bytesOfKey, displayPath, joinKey, keyOfBytes, parentKey } from "../../src/fs/keys.ts";

describe("parentKey", () => {
  describe("when the path is a root or below one", () => {
    it("ends at the root", () => {
      expect(parentKey("/a/b")).toBe("/a");
      expect(parentKey("/a")).toBe("/");
      expect(parentKey("/")).toBeNull();
    });

    it("has no parent for a bare name", () => {
      expect(parentKey("name")).toBeNull();
    });
  });

  describe("when the odd byte is in the last name only", () => {
    it("gives the parent as text", () => {
      const key = keyOfBytes(Buffer.from("/home/j\xc3\xbcrgen/\xff", "latin1"));
      expect(parentKey(key)).toBe("/home/jürgen");
    });
  });

  describe("when a directory above has the odd byte", () => {
    it("gives a raw parent, and `/` above the first", () => {
      const key = keyOfBytes(Buffer.from("/\xff/a", "latin1"));
      expect(parentKey(key)).toBe(rawKey("/\xff"));
      expect(parentKey(rawKey("/\xff"))).toBe("/");
    });
  });
});

describe("joinKey", () => {
  describe("when the directory is the root", () => {
    it("writes one slash", () => {
      expect(joinKey("/", "etc")).toBe("/etc");
    });
  });

  describe("when a raw directory holds a text name", () => {
    it("keeps the name's UTF-8 bytes", () => {
      const key = joinKey(rawKey("/\xff"), "ü");
      expect(bytesOfKey(key)).toEqual(Buffer.from("/\xff/\xc3\xbc", "latin1"));
    });
  });
});

describe("displayPath", () => {
  describe("when the path is not UTF-8", () => {
    it("shows the bytes that are no text as U+FFFD", () => {
      expect(displayPath(rawKey("/a/\xffb"))).toBe("/a/\uFFFDb");
    });
  });
});
