import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as fs from "node:fs";
import type { IncompleteReason } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { resolvePath, type ResolvedPath } from "../../src/pipeline/resolve.ts";
import { judgeKnown } from "../../src/sweep/judge.ts";
import type { KnownPath } from "../../src/sweep/known.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  vi.restoreAllMocks();
  dir.remove();
});

/** The stored path that equals what is there now. */
function same(resolved: ResolvedPath, incomplete: IncompleteReason | null = null): KnownPath {
  if (resolved.kind !== "found" && resolved.kind !== "link") throw new Error(resolved.kind);
  const { dev, ino, size, mtimeNs, ctimeNs } = resolved.stat;
  return {
    removed: false,
    dev,
    ino,
    size,
    mtimeNs,
    ctimeNs,
    incomplete,
    symlinkTarget: resolved.link,
  };
}

const MAX = 4096;

describe("judgeKnown", () => {
  describe("when a link is what it was and leads elsewhere", () => {
    it("differs when it has become part of a loop, or is none any more", () => {
      symlinkSync("b", dir.at("a"));
      const dangling = resolvePath(dir.at("a"), true);
      const known = same(dangling);
      expect(judgeKnown(dir.at("a"), known, dangling, MAX)).toBeNull();
      symlinkSync("a", dir.at("b"));
      const loop = resolvePath(dir.at("a"), true);
      expect(judgeKnown(dir.at("a"), known, loop, MAX)?.kind).toBe("differs");
      const looped = { ...known, incomplete: "link_loop" as const };
      expect(judgeKnown(dir.at("a"), looped, loop, MAX)).toBeNull();
      expect(judgeKnown(dir.at("a"), looped, dangling, MAX)?.kind).toBe("differs");
    });
  });

  describe("when a file was too large for the policy before", () => {
    it("differs as soon as the policy in force would read it", () => {
      const path = dir.write("a", "x".repeat(5000));
      const resolved = resolvePath(path, true);
      expect(judgeKnown(path, same(resolved, "too_large"), resolved, 4999)).toBeNull();
      expect(judgeKnown(path, same(resolved, "too_large"), resolved, 5000)?.kind).toBe("differs");
    });
  });

  describe("when stat is the same", () => {
    it("finds nothing", () => {
      const path = dir.write("a", "1");
      const resolved = resolvePath(path, true);
      expect(judgeKnown(path, same(resolved), resolved, MAX)).toBeNull();
    });
  });

  describe("when one thing of stat differs", () => {
    it.each(["dev", "ino", "size", "mtimeNs", "ctimeNs"] as const)("differs: %s", (field) => {
      const path = dir.write("a", "1");
      const resolved = resolvePath(path, true);
      const known = same(resolved);
      expect(judgeKnown(path, { ...known, [field]: known[field] + 1n }, resolved, MAX)?.kind).toBe(
        "differs",
      );
    });
  });

  describe("when it was unreadable", () => {
    it("differs once it can be read", () => {
      const path = dir.write("a", "1");
      const resolved = resolvePath(path, true);
      expect(judgeKnown(path, same(resolved, "unreadable"), resolved, MAX)?.kind).toBe("differs");
    });

    it("is unreadable still while it cannot", () => {
      const path = dir.write("a", "1");
      const resolved = resolvePath(path, true);
      vi.mocked(fs.accessSync).mockImplementation(() => {
        throw Object.assign(new Error("EACCES"), { code: "EACCES" });
      });
      expect(judgeKnown(path, same(resolved, "unreadable"), resolved, MAX)).toEqual({
        kind: "unreadable",
        path,
        operation: "read",
        errno: "EACCES",
      });
    });

    it("is unreadable still while a link leads where no one may look", () => {
      symlinkSync("closed/f", dir.at("link"));
      const resolved = resolvePath(dir.at("link"), true);
      if (resolved.kind !== "link") throw new Error(resolved.kind);
      const blocked: ResolvedPath = { ...resolved, why: "unreadable" };
      expect(judgeKnown(dir.at("link"), same(blocked, "unreadable"), blocked, MAX)?.kind).toBe(
        "unreadable",
      );
      expect(judgeKnown(dir.at("link"), same(resolved, "unreadable"), resolved, MAX)?.kind).toBe(
        "differs",
      );
    });
  });

  describe("when it cannot be looked at", () => {
    it("is unreadable, not gone", () => {
      const known = same(resolvePath(dir.write("a", "1"), true));
      expect(
        judgeKnown(dir.at("a"), known, { kind: "unreadable", errno: "EACCES" }, MAX),
      ).toMatchObject({
        kind: "unreadable",
        errno: "EACCES",
      });
    });
  });

  describe("when it is gone, or a directory", () => {
    it("differs", () => {
      const known = same(resolvePath(dir.write("a", "1"), true));
      expect(judgeKnown(dir.at("a"), known, { kind: "absent" }, MAX)?.kind).toBe("differs");
      expect(judgeKnown(dir.at("a"), known, resolvePath(dir.path, true), MAX)?.kind).toBe(
        "differs",
      );
    });
  });
});
