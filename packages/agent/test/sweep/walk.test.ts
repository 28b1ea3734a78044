import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMatcher, type Root } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { walk, type Met, type WalkLimits } from "../../src/sweep/walk.ts";
import { root } from "../build.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

const mine = process.getuid?.() ?? 0;
const limits: WalkLimits = { maxDepth: 10, maxEntries: 1000, linkOwners: null };

function run(of: Root, given: Partial<WalkLimits> = {}): Met[] {
  return [...walk(of, createMatcher([of], "linux"), { ...limits, ...given })];
}

/** Paths met as entries or directories, relative to the temp directory. */
function met(all: readonly Met[], kind: "entry" | "directory"): string[] {
  return all
    .flatMap((one) => (one.kind === kind ? [one.path.slice(dir.path.length + 1)] : []))
    .toSorted();
}

const tree = () => root({ base: dir.at("t"), recursive: true });

describe("walk", () => {
  describe("when the base is a file", () => {
    it("meets the file alone", () => {
      const of = root({ base: dir.write("f", "") });
      expect(run(of)).toEqual([{ kind: "entry", path: dir.at("f"), file: false, listed: false }]);
    });
  });

  describe("when the base is not there", () => {
    it("meets nothing", () => {
      expect(run(root({ base: dir.at("missing") }))).toEqual([]);
    });
  });

  describe("when the base is a directory", () => {
    beforeEach(() => {
      dir.write("t/a", "");
      dir.write("t/d/b", "");
      dir.write("t/d/e/c", "");
    });

    it("meets everything below it when the root is recursive", () => {
      const all = run(tree());
      expect(met(all, "entry")).toEqual(["t/a", "t/d/b", "t/d/e/c"]);
      expect(met(all, "directory")).toEqual(["t", "t/d", "t/d/e"]);
    });

    it("meets its own entries when it is not", () => {
      const all = run(root({ base: dir.at("t") }));
      expect(met(all, "entry")).toEqual(["t/a"]);
      expect(met(all, "directory")).toEqual(["t"]);
    });

    it("enters only directories below which a pattern can match", () => {
      dir.write("t/other/x", "");
      const all = run(root({ base: dir.at("t"), pattern: "d/*" }));
      expect(met(all, "directory")).toEqual(["t", "t/d"]);
    });

    it("opens and closes each directory around its entries", () => {
      const open: string[] = [];
      for (const one of run(tree())) {
        if (one.kind === "directory") open.push(one.path);
        else if (one.kind === "left") expect(open.pop()).toBe(one.path);
        else if (one.kind === "entry") expect(one.path.startsWith(`${open.at(-1)}/`)).toBe(true);
      }
      expect(open).toEqual([]);
    });

    it("goes no deeper than the limit", () => {
      expect(met(run(tree(), { maxDepth: 1 }), "directory")).toEqual(["t", "t/d"]);
    });
  });

  describe("when there are more entries than the limit", () => {
    it("stops there, says so, and does not close the directory it left half-way", () => {
      for (let index = 0; index < 10; index += 1) dir.write(`t/${index}`, "");
      const all = run(tree(), { maxEntries: 5 });
      expect(met(all, "entry")).toHaveLength(5);
      expect(all.at(-1)).toEqual({ kind: "truncated" });
      expect(all.some((one) => one.kind === "left")).toBe(false);
    });

    it("says nothing of the kind when they are just as many", () => {
      for (let index = 0; index < 5; index += 1) dir.write(`t/${index}`, "");
      expect(run(tree(), { maxEntries: 5 }).some((one) => one.kind === "truncated")).toBe(false);
    });

    it("says so when directories are left that were not looked into", () => {
      dir.write("t/a/1", "");
      dir.write("t/b/1", "");
      expect(run(tree(), { maxEntries: 3 }).some((one) => one.kind === "truncated")).toBe(true);
    });
  });

  describe("when there are links to directories", () => {
    beforeEach(() => {
      dir.write("far/f", "");
      dir.mkdir("t");
      symlinkSync(dir.at("far"), dir.at("t/link"));
    });

    it("enters them under their own name", () => {
      expect(met(run(tree()), "entry")).toEqual(["t/link", "t/link/f"]);
    });

    it("does not when the root follows none", () => {
      const of = root({ base: dir.at("t"), recursive: true, followSymlinks: false });
      expect(met(run(of), "entry")).toEqual(["t/link"]);
    });

    it("does not when another owner has them than links may lead to", () => {
      const all = run(tree(), { linkOwners: new Set([mine + 1]) });
      expect(met(all, "entry")).toEqual(["t/link"]);
    });

    it("ends when they lead in a circle", () => {
      symlinkSync(dir.at("t"), dir.at("far/up"));
      symlinkSync(".", dir.at("t/self"));
      const all = run(tree());
      expect(met(all, "entry")).toContain("t/link/f");
      expect(met(all, "directory")).toEqual(["t", "t/link"]);
    });
  });

  describe("when the base itself is a link", () => {
    beforeEach(() => {
      dir.write("far/f", "");
      symlinkSync("far", dir.at("t"));
    });

    it("meets the link and what is where it leads", () => {
      expect(met(run(tree()), "entry")).toEqual(["t", "t/f"]);
    });

    it("meets the link alone when it is not followed, or may not be", () => {
      const of = root({ base: dir.at("t"), recursive: true, followSymlinks: false });
      expect(met(run(of), "entry")).toEqual(["t"]);
      expect(met(run(tree(), { linkOwners: new Set([mine + 1]) }), "entry")).toEqual(["t"]);
    });

    it("meets the link when it dangles", () => {
      symlinkSync("missing", dir.at("dangling"));
      expect(met(run(root({ base: dir.at("dangling") })), "entry")).toEqual(["dangling"]);
    });
  });
});
