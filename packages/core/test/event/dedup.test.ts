import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { dedupKey, type DedupParts } from "../../src/index.ts";
import { fileChange } from "./build.ts";

const encode = (text: string) => new Uint8Array(Buffer.from(text, "utf8"));
/** Stands in for BLAKE3: any hash shows which bytes it was given. */
const sha256 = {
  digest: (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest()),
};
const PARTS: DedupParts = {
  epoch: "e",
  targetId: "t",
  pathBytes: encode("/a"),
  generation: 3,
  change: fileChange(),
};
const key = (change: Partial<DedupParts> = {}) => dedupKey({ ...PARTS, ...change }, encode, sha256);

describe("dedupKey", () => {
  it("is 32 hex digits over the NUL-separated fields of the design", () => {
    const { before_hash: before, after_hash: after } = fileChange();
    const text = `e\0t\0/a\x003\0modified\0${before}\0${after}\x000644`;
    expect(key()).toBe(createHash("sha256").update(text).digest("hex").slice(0, 32));
  });
  it("is the same for a repeat of the same change", () => {
    expect(key({ pathBytes: encode("/a") })).toBe(key());
  });
  it("differs when any field differs", () => {
    const keys = [
      key(),
      key({ epoch: "f" }),
      key({ targetId: "u" }),
      key({ pathBytes: new Uint8Array([0x2f, 0xff]) }),
      key({ generation: 4 }),
      ...[
        { change_kind: "created" as const },
        { before_hash: null },
        { after_hash: null },
        { before_hash: null, after_hash: fileChange().before_hash },
        { mode_after: null },
      ].map((change) => key({ change: fileChange(change) })),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
  it("does not change with what is not part of it", () => {
    expect(key({ change: fileChange({ size_after: 1, coalesced_count: 9 }) })).toBe(key());
  });
});
