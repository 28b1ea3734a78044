import { describe, expect, it } from "vitest";
import { evidenceSchema } from "../../src/index.ts";
import { fileChange } from "./build.ts";

describe("evidenceSchema", () => {
  it("names each kind once, file_change first", () => {
    const kinds = evidenceSchema.options.map((option) => option.shape.kind.value);
    expect(kinds[0]).toBe("file_change");
    expect(new Set(kinds).size).toBe(kinds.length);
  });
  it("holds file_change to the field order of the design", () => {
    expect(Object.keys(evidenceSchema.options[0].shape)).toEqual([
      "kind",
      "change_kind",
      "before_hash",
      "after_hash",
      "size_after",
      "evidence_quality",
      "coalesced_count",
      "rename_from",
      "mode_before",
      "mode_after",
      "symlink_target",
      "git_tracked",
    ]);
  });
  describe("when a file_change is wrong", () => {
    it.each([
      { change_kind: "touched" },
      { before_hash: "a".repeat(64) },
      { after_hash: `blake3:${"A".repeat(64)}` },
      { after_hash: undefined },
      { size_after: -1 },
      { size_after: 1.5 },
      { size_after: 2 ** 53 },
      { evidence_quality: "perfect" },
      { mode_after: "644" },
      { mode_after: "0999" },
      { git_tracked: "yes" },
      { contents: "secret" },
    ])("refuses %o", (change) => {
      expect(evidenceSchema.safeParse({ ...fileChange(), ...change }).success).toBe(false);
    });
  });
  it.each([
    { before_hash: null, change_kind: "created" as const },
    { after_hash: null, size_after: null, mode_after: null, change_kind: "removed" as const },
    { mode_after: "04755" },
    { size_after: 0, git_tracked: true, rename_from: "/b" },
  ])("takes %o", (change) => {
    expect(evidenceSchema.safeParse(fileChange(change)).success).toBe(true);
  });
  it("refuses a kind it does not know: writers emit none", () => {
    expect(evidenceSchema.safeParse({ kind: "novel" }).success).toBe(false);
  });
});
