import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { directoryId, isDirectory } from "../../src/fs/stat.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
  dir.mkdir("d");
  symlinkSync("d", dir.at("link"));
  symlinkSync("loop", dir.at("loop"));
  dir.write("f", "");
});
afterEach(() => dir.remove());

describe("isDirectory", () => {
  describe("when a path is asked for", () => {
    it("is true of a directory and of a link to one, and never throws", () => {
      expect(
        ["d", "link", "f", "loop", "missing", "f/x"].map((name) => isDirectory(dir.at(name))),
      ).toEqual([true, true, false, false, false, false]);
    });
  });
});

describe("directoryId", () => {
  describe("when two paths are asked for", () => {
    it("is the same exactly when they lead to one directory", () => {
      expect(directoryId(dir.at("link"))).toBe(directoryId(dir.at("d")));
      expect(directoryId(dir.path)).not.toBe(directoryId(dir.at("d")));
      expect(directoryId(dir.at("f"))).toBeNull();
      expect(directoryId(dir.at("loop"))).toBeNull();
    });
  });
});
