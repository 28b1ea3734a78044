import { describe, expect, it } from "vitest";
import type { Match, Root, Snapshot, StoredState, Tier } from "@sigil/core/plain";
import { compare, type CompareContext, type Seen } from "../../src/pipeline/compare.ts";
import { hasher, root, snapshot } from "../build.ts";

const PATH = "/home/u/.claude/settings.json";
const NOW = 1_700_000_000_000;
const context: CompareContext = { epoch: "e", hasher, touchNoteMs: 60_000, generationFloor: 0 };

function match(tier: Tier): Match {
  const of: Root = root({ base: PATH, tier });
  return { targetId: of.targetId, tier, followSymlinks: true, root: of, roots: [of] };
}

function seen(after: Snapshot | null, given: Partial<Seen> & { tier?: Tier } = {}): Seen {
  const { tier = "critical", ...rest } = given;
  return {
    path: PATH,
    match: match(tier),
    snapshot: after,
    found: false,
    hints: 1,
    bursts: 1,
    firstSight: false,
    ...rest,
  };
}

function stored(before: Snapshot | null, generation = 3, touchedAt = 0): StoredState {
  return { snapshot: before, generation, touchedAt };
}

const A = snapshot();
const B = snapshot({
  digest: `blake3:${"b".repeat(64)}`,
  mtimeNs: 2000n,
  ctimeNs: 2000n,
  size: 7n,
});

function run(of: Seen, before: StoredState | null, given: Partial<CompareContext> = {}) {
  return compare(of, before, null, NOW, { ...context, ...given });
}

describe("compare", () => {
  describe("when a file was there and is another now", () => {
    it("tells what it was and is", () => {
      expect(run(seen(B), stored(A))).toMatchObject({
        path: PATH,
        write: { generation: 4, removedAt: null, snapshot: B },
        from: null,
        event: {
          severity: "warn",
          targetId: "t",
          evidence: {
            change_kind: "modified",
            before_hash: A.digest,
            after_hash: B.digest,
            size_after: 7,
            evidence_quality: "definitive",
            coalesced_count: 1,
            mode_before: "0644",
            mode_after: "0644",
            rename_from: null,
            git_tracked: null,
          },
        },
      });
    });

    it("is `info` for a standard target", () => {
      expect(run(seen(B, { tier: "standard" }), stored(A))?.event?.severity).toBe("info");
    });
  });

  describe("when it appears or goes", () => {
    it("is created when it was unknown or gone", () => {
      for (const before of [null, stored(null)])
        expect(run(seen(A), before)?.event?.evidence).toMatchObject({
          change_kind: "created",
          before_hash: null,
          mode_before: null,
        });
    });

    it("is removed, and what it was last stays in the state", () => {
      expect(run(seen(null), stored(A))).toMatchObject({
        write: { removedAt: NOW, snapshot: A, generation: 4 },
        event: {
          evidence: {
            change_kind: "removed",
            after_hash: null,
            size_after: null,
            mode_after: null,
          },
        },
      });
    });

    it("is nothing when it neither was nor is", () => {
      expect(run(seen(null), null)).toBeNull();
      expect(run(seen(null), stored(null))).toBeNull();
    });
  });

  describe("when only its mode changed", () => {
    it.each([
      [0o755, "0755"],
      [0, "0000"],
      [0o4755, "04755"],
      [0o7, "0007"],
    ])("writes %o as %s", (mode, text) => {
      const after = snapshot({ mode, ctimeNs: 9n });
      expect(run(seen(after), stored(A))?.event?.evidence).toMatchObject({
        change_kind: "attributes_modified",
        mode_before: "0644",
        mode_after: text,
      });
    });
  });

  describe("when it is seen for the first time", () => {
    const first = { found: true, firstSight: true, hints: 0 };

    it("tells of a critical file, at `info` and not as delayed", () => {
      expect(run(seen(A, first), null)?.event).toMatchObject({
        severity: "info",
        evidence: { change_kind: "discovered", evidence_quality: "definitive", coalesced_count: 0 },
      });
    });

    it("records a standard file silently", () => {
      expect(run(seen(A, { ...first, tier: "standard" }), null)).toMatchObject({
        event: null,
        write: { generation: 1, snapshot: A },
      });
    });
  });

  describe("when only its times moved", () => {
    it("refreshes the state and keeps the generation", () => {
      const touched = snapshot({ mtimeNs: 5n, ctimeNs: 5n });
      expect(run(seen(touched, { tier: "standard" }), stored(A, 3, 77))).toMatchObject({
        event: null,
        write: { generation: 3, touchedAt: 77, snapshot: touched },
      });
    });

    it("tells it of a critical file: the kernel may have folded two writes into one hint", () => {
      const touched = snapshot({ mtimeNs: 5n, ctimeNs: 5n });
      const change = run(seen(touched), stored(A, 3, 77));
      expect(change?.event?.evidence).toMatchObject({
        change_kind: "modified",
        evidence_quality: "coalesced",
      });
      expect(run(seen(snapshot({ ctimeNs: 5n })), stored(A, 3, 77))?.event).toBeNull();
    });
  });

  describe("when it was rewritten with equal contents", () => {
    const again = snapshot({ mtimeNs: 5n, ctimeNs: 5n });

    it("says so once, and not again within the period", () => {
      const change = run(seen(again, { hints: 2 }), stored(A));
      expect(change?.event?.evidence).toMatchObject({
        change_kind: "modified",
        evidence_quality: "coalesced",
        before_hash: A.digest,
        after_hash: A.digest,
      });
      expect(change?.write.touchedAt).toBe(NOW);
      const later = snapshot({ mtimeNs: 6n, ctimeNs: 6n });
      const before = stored(again, 4, NOW - 59_999);
      expect(run(seen(later, { hints: 2 }), before)?.event).toBeNull();
    });
  });

  describe("when the quality is in question", () => {
    const large = snapshot({ digest: null, incomplete: "too_large" });

    it.each([
      ["incomplete before all", { found: true, bursts: 2 }, large, "incomplete"],
      ["delayed before coalesced", { found: true, bursts: 2 }, B, "delayed"],
      ["coalesced for two bursts", { bursts: 2, hints: 5 }, B, "coalesced"],
      ["definitive for one burst of several hints", { bursts: 1, hints: 5 }, B, "definitive"],
    ] as const)("is %s", (_title, given, after, quality) => {
      expect(run(seen(after, given), stored(A))?.event?.evidence.evidence_quality).toBe(quality);
    });
  });

  describe("when it was renamed", () => {
    it("carries the old path, its state and its hash", () => {
      const from = { path: "/home/u/old", state: stored(A, 8) };
      const change = compare(seen(A), null, from, NOW, context);
      expect(change).toMatchObject({
        event: {
          evidence: {
            change_kind: "renamed",
            rename_from: "/home/u/old",
            before_hash: A.digest,
            mode_before: "0644",
          },
        },
        write: { generation: 1, removedAt: null },
        from: { generation: 9, removedAt: NOW, snapshot: A },
      });
      expect(change?.from?.path.toString()).toBe("/home/u/old");
      expect(change?.from?.parent.toString()).toBe("/home/u");
    });
  });

  describe("when it is a link", () => {
    it("tells what the link says, and that it says another now", () => {
      const after = snapshot({ symlinkTarget: "../dotfiles/settings.json" });
      expect(run(seen(after), stored(A))?.event?.evidence).toMatchObject({
        change_kind: "modified",
        symlink_target: "../dotfiles/settings.json",
      });
    });
  });

  describe("its dedup_key", () => {
    const keyOf = (of: Seen, before: StoredState | null, given: Partial<CompareContext> = {}) =>
      run(of, before, given)?.event?.dedupKey;

    it("is the same when the same change is told again after a crash", () => {
      const key = keyOf(seen(B), stored(A, 3));
      expect(key).toMatch(/^[0-9a-f]{32}$/);
      expect(keyOf(seen(B, { found: true, hints: 7 }), stored(A, 3))).toBe(key);
    });

    it("is another for another generation, epoch, path or mode", () => {
      const keys = new Set([
        keyOf(seen(B), stored(A, 3)),
        keyOf(seen(B), stored(A, 4)),
        keyOf(seen(B), stored(A, 3), { epoch: "f" }),
        keyOf(seen(B, { path: `${PATH}x` }), stored(A, 3)),
        keyOf(seen({ ...B, mode: 0o600 }), stored(A, 3)),
      ]);
      expect(keys.size).toBe(5);
    });

    it("is not one of a path that was pruned and came back", () => {
      const first = keyOf(seen(A), null, { generationFloor: 0 });
      const again = keyOf(seen(A), null, { generationFloor: 1 });
      expect(again).not.toBe(first);
    });
  });
});
