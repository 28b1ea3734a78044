import { mkdirSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { ensureDirectory } from "../../src/fs/directory.ts";

let dir: TempDir;
const before = process.umask();
beforeEach(() => {
  dir = tempDir();
  process.umask(0o022);
});
afterEach(() => {
  process.umask(before);
  dir.remove();
});

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("ensureDirectory", () => {
  describe("when there is none", () => {
    it("makes it with its mode, and its parents as the user would", () => {
      ensureDirectory(dir.at("a/b/own"));
      expect(modeOf(dir.at("a/b/own"))).toBe(0o750);
      expect(modeOf(dir.at("a/b"))).toBe(0o755);
      ensureDirectory(dir.at("private"), 0o700);
      expect(modeOf(dir.at("private"))).toBe(0o700);
    });
  });

  describe("when there is one", () => {
    it("leaves its mode as it is: doctor reports, nothing is mended", () => {
      mkdirSync(dir.at("own"), { mode: 0o755 });
      ensureDirectory(dir.at("own"), 0o700);
      expect(modeOf(dir.at("own"))).toBe(0o755);
    });
  });
});
