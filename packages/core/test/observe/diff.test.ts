import { describe, expect, it } from "vitest";
import { diff, type DiffFacts, type Snapshot } from "../../src/index.ts";
import { snapshot, stored } from "./build.ts";

const FACTS: DiffFacts = {
  firstSight: false,
  hints: 1,
  uncounted: false,
  now: 1_000_000,
  touchNoteMs: 60_000,
};
const change = (kind: string, rewritten = false) => ({ kind: "change", change: kind, rewritten });
const other: Snapshot["digest"] = `blake3:${"b".repeat(64)}`;
const between = (before: Partial<Snapshot>, after: Partial<Snapshot>, facts = FACTS) =>
  diff(stored(snapshot(before)), snapshot(after), facts);

describe("diff", () => {
  describe("when a path comes or goes", () => {
    it("is created where state knows nothing", () => {
      expect(diff(null, snapshot(), FACTS)).toEqual(change("created"));
    });
    it("is discovered at first sight, unless state has seen it go", () => {
      const first = { ...FACTS, firstSight: true };
      expect(diff(null, snapshot(), first)).toEqual(change("discovered"));
      expect(diff(stored(null), snapshot(), first)).toEqual(change("created"));
    });
    it("is removed when it was there and is not", () => {
      expect(diff(stored(snapshot()), null, FACTS)).toEqual(change("removed"));
    });
    it("is none when it never was there, or was gone already", () => {
      expect(diff(null, null, FACTS)).toEqual({ kind: "none" });
      expect(diff(stored(null), null, FACTS)).toEqual({ kind: "none" });
    });
  });

  describe("when contents differ", () => {
    it.each([
      ["another digest", {}, { digest: other }],
      ["another digest and mode", {}, { digest: other, mode: 0o600 }],
      ["a digest lost", {}, { digest: null, incomplete: "unreadable" as const }],
      ["a digest found", { digest: null, incomplete: "too_large" as const }, {}],
      ["a file turned link", {}, { type: "symlink" as const, digest: null }],
      ["a link led elsewhere", { symlinkTarget: "/a" }, { symlinkTarget: "/b" }],
      [
        "a link that could not be followed, and can",
        { type: "symlink" as const, digest: null, incomplete: "unreadable" as const },
        { type: "symlink" as const, digest: null, incomplete: null },
      ],
      ["a file put behind a link", {}, { symlinkTarget: "/b" }],
    ])("is modified: %s", (_what, before, after) => {
      expect(between(before, after)).toEqual(change("modified"));
    });
  });

  describe("when neither could be hashed", () => {
    const large = { digest: null, incomplete: "too_large" as const };
    it.each([
      ["size", { size: 9n }],
      ["mtime", { mtimeNs: 9n, ctimeNs: 9n }],
      ["reason", { incomplete: "unreadable" as const }],
      ["inode, with mtime set back", { ino: 9n, ctimeNs: 9n }],
      ["ctime alone: written, with mtime set back", { ctimeNs: 9n }],
    ])("is modified by another %s", (_what, after) => {
      expect(between(large, { ...large, ...after })).toEqual(change("modified"));
    });
    it("is attributes_modified when the attributes account for the ctime", () => {
      expect(between(large, { ...large, ctimeNs: 9n, mode: 0o600 })).toEqual(
        change("attributes_modified"),
      );
    });
    it("is none when nothing moved", () => {
      expect(between(large, large)).toEqual({ kind: "none" });
    });
    it("does not tell the times of a link or a pipe", () => {
      const link = { digest: null, type: "symlink" as const, symlinkTarget: "/a" };
      expect(between(link, { ...link, mtimeNs: 9n, ctimeNs: 9n })).toEqual({ kind: "refresh" });
    });
  });

  describe("when only attributes differ", () => {
    it.each([{ mode: 0o755 }, { uid: 0 }, { gid: 0 }])("is attributes_modified: %o", (after) => {
      expect(between({}, { ...after, ctimeNs: 9n })).toEqual(change("attributes_modified"));
    });
  });

  describe("when contents are equal and times moved", () => {
    const moved = { mtimeNs: 9n, ctimeNs: 9n };
    const two = { ...FACTS, hints: 2 };
    it("is a refresh after one hint (touch)", () => {
      expect(between({}, moved)).toEqual({ kind: "refresh" });
    });
    it("is a rewritten modified after two (A→B→A)", () => {
      expect(between({}, moved, two)).toEqual(change("modified", true));
      expect(between({}, { ino: 9n, ctimeNs: 9n }, two)).toEqual(change("modified", true));
    });
    it("is a rewritten modified after two also when mtime was set back", () => {
      expect(between({}, { ctimeNs: 9n }, two)).toEqual(change("modified", true));
    });
    it("is a refresh when ctime did not move", () => {
      expect(between({}, { mtimeNs: 9n }, two)).toEqual({ kind: "refresh" });
    });
    it("is a rewritten modified when nobody could see what happened, but not for ctime alone", () => {
      const uncounted = { ...FACTS, uncounted: true };
      expect(between({}, moved, uncounted)).toEqual(change("modified", true));
      expect(between({}, { ino: 9n, ctimeNs: 9n }, uncounted)).toEqual(change("modified", true));
      expect(between({}, { ctimeNs: 9n }, uncounted)).toEqual({ kind: "refresh" });
      const pipe = { digest: null, type: "other" as const };
      expect(between(pipe, { ...pipe, ...moved }, uncounted)).toEqual({ kind: "refresh" });
    });
    it("is a refresh when the stored times are unknown, as after a crash, and no hint came", () => {
      const told = { ino: 0n, mtimeNs: 0n, ctimeNs: 0n };
      expect(between(told, {}, { ...FACTS, uncounted: true })).toEqual({ kind: "refresh" });
      expect(between(told, {}, two)).toEqual(change("modified", true));
    });
    it("is told at most once in the time allowed", () => {
      const at = (touchedAt: number) =>
        diff(stored(snapshot(), { touchedAt }), snapshot(moved), two).kind;
      expect(at(two.now - 59_999)).toBe("refresh");
      expect(at(two.now - 60_000)).toBe("change");
    });
    it("is told when the clock was set back since", () => {
      const before = stored(snapshot(), { touchedAt: FACTS.now + 1 });
      expect(diff(before, snapshot(moved), two).kind).toBe("change");
    });
  });
});
