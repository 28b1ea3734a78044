import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANGE_KINDS, diff, pairRenames, type Digest, type Snapshot } from "../../src/index.ts";

const few = fc.bigInt({ min: 0n, max: 2n });
const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  type: fc.constantFrom("file", "symlink", "directory", "other"),
  dev: few,
  ino: few,
  size: few,
  mtimeNs: few,
  ctimeNs: few,
  birthtimeNs: few,
  mode: fc.constantFrom(0o644, 0o755),
  uid: fc.nat(1),
  gid: fc.nat(1),
  digest: fc.constantFrom<Digest | null>(null, "blake3:aa", "blake3:bb"),
  incomplete: fc.constantFrom(null, "too_large", "unreadable"),
  symlinkTarget: fc.constantFrom(null, "/a", "/b"),
});
const facts = fc.record({
  firstSight: fc.boolean(),
  hints: fc.nat(3),
  uncounted: fc.boolean(),
  now: fc.nat(200_000),
  touchNoteMs: fc.nat(100_000),
});
const state = fc.record({
  snapshot: fc.option(snapshot),
  generation: fc.nat(9),
  touchedAt: fc.nat(200_000),
});

const same = (a: Snapshot, b: Snapshot) =>
  a.digest === b.digest &&
  a.mode === b.mode &&
  a.uid === b.uid &&
  a.gid === b.gid &&
  a.symlinkTarget === b.symlinkTarget &&
  a.type === b.type;

describe("diff, for any two snapshots", () => {
  it("is none between a snapshot and itself", () => {
    fc.assert(
      fc.property(state, facts, (before, known) => {
        expect(diff(before, before.snapshot, known)).toEqual({ kind: "none" });
      }),
    );
  });
  it("always answers, and with a kind that fits what is there", () => {
    fc.assert(
      fc.property(fc.option(state), fc.option(snapshot), facts, (before, after, known) => {
        const result = diff(before, after, known);
        const was = before?.snapshot ?? null;
        if (result.kind !== "change") {
          expect(was === null).toBe(after === null);
          return;
        }
        expect(CHANGE_KINDS).toContain(result.change);
        expect(["created", "discovered"].includes(result.change)).toBe(was === null);
        expect(result.change === "removed").toBe(after === null);
        expect(result.change).not.toBe("renamed");
      }),
    );
  });
  it("never passes over other contents, another owner or mode", () => {
    fc.assert(
      fc.property(state, snapshot, facts, (before, after, known) => {
        const was = before.snapshot;
        fc.pre(was !== null && !same(was, after));
        expect(diff(before, after, known).kind).toBe("change");
      }),
    );
  });
  it("never passes over a moved ctime of a file that could not be hashed", () => {
    fc.assert(
      fc.property(snapshot, facts, fc.bigInt({ min: 3n, max: 9n }), (base, known, ctimeNs) => {
        const was: Snapshot = { ...base, type: "file", digest: null };
        const before = { snapshot: was, generation: 1, touchedAt: 0 };
        expect(diff(before, { ...was, ctimeNs }, known).kind).toBe("change");
      }),
    );
  });
});

const sides = (prefix: string) =>
  fc
    .array(snapshot, { maxLength: 12 })
    .map((list) => list.map((one, index) => ({ path: `/${prefix}${index}`, snapshot: one })));

describe("pairRenames, for any paths gone and new", () => {
  it("uses each old path once, and only for the same file", () => {
    fc.assert(
      fc.property(sides("old"), sides("new"), (gone, fresh) => {
        const pairs = pairRenames(gone, fresh);
        expect(new Set(pairs.values()).size).toBe(pairs.size);
        for (const [now, old] of pairs) {
          const a = gone.find((side) => side.path === old)?.snapshot;
          const b = fresh.find((side) => side.path === now)?.snapshot;
          expect([a?.dev, a?.ino, a?.birthtimeNs]).toEqual([b?.dev, b?.ino, b?.birthtimeNs]);
          if (a?.birthtimeNs === 0n) expect(a.digest).toBe(b?.digest);
        }
      }),
    );
  });
});
