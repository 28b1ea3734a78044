import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { batchManifestSchema, chainText, manifestProblem, sequencesOf } from "@sigil/core";
import { toDigest } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScratch, encodingFor, pack, type Encoding, type Packed } from "../src/pack.ts";
import type { Load } from "../src/read.ts";

const hash = loadHasher();
const scratch = createScratch(1024 * 1024);
const SPOOL = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const options = {
  batchId: "01BX5ZZKBKACTAV9WEVGEMMVRZ",
  hostId: "h",
  stream: "agent" as const,
  previous: null,
  encoding: "zstd" as Encoding,
  level: 3,
  hash,
  scratch,
};

const loadOf = (texts: readonly string[], gaps: Load["gaps"] = []): Load => {
  const gone = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return {
    spoolId: SPOOL,
    first: 1 + gone,
    last: texts.length + gone,
    lines: texts.map((text, at) => ({ sequence: at + 1 + gone, bytes: Buffer.from(text) })),
    gaps,
  };
};

function unpack({ body, encoding }: Packed): { head: unknown; rest: Buffer } {
  const open = { zstd: zstdDecompressSync, gzip: gunzipSync, identity: (x: Uint8Array) => x };
  const plain = Buffer.from(open[encoding](body));
  const end = plain.indexOf(0x0a);
  return { head: JSON.parse(plain.subarray(0, end).toString()), rest: plain.subarray(end + 1) };
}

const texts = fc.array(
  fc.string({ unit: "binary", minLength: 1 }).map((text) => text.replaceAll("\n", " ")),
  { minLength: 1, maxLength: 20 },
);

describe("pack", () => {
  describe("in any encoding", () => {
    it("is the manifest on the first line and the events below, byte for byte", async () => {
      const encodings = fc.constantFrom<Encoding>("zstd", "gzip", "identity");
      await fc.assert(
        fc.asyncProperty(texts, encodings, async (lines, encoding) => {
          const packed = await pack(loadOf(lines), { ...options, encoding });
          const { head, rest } = unpack(packed);
          const manifest = batchManifestSchema.parse(head);
          expect(manifest).toEqual(packed.manifest);
          expect(rest.equals(Buffer.from(lines.map((line) => `${line}\n`).join("")))).toBe(true);
          expect(manifest.digest).toBe(toDigest(hash.digest(rest)));
          expect(manifest).toMatchObject({ count: lines.length, bytes: rest.length });
          expect(manifestProblem(manifest)).toBeNull();
          const text = Buffer.from(chainText(manifest));
          expect(packed.chain).toBe(toDigest(hash.digest(text)));
        }),
        { numRuns: 50 },
      );
    });
  });

  describe("with gaps", () => {
    it("leaves each line its sequence", async () => {
      const gaps = [{ from: 1, to: 4, reason: "evicted" }] as const;
      const { manifest } = await pack({ ...loadOf(["a", "b"], gaps), first: 1 }, options);
      expect(manifestProblem(manifest)).toBeNull();
      expect([...sequencesOf(manifest)]).toEqual([5, 6]);
    });

    it("may be nothing but gaps", async () => {
      const gaps = [{ from: 1, to: 4, reason: "evicted" }] as const;
      const packed = await pack({ ...loadOf([], gaps), first: 1 }, options);
      expect(packed.manifest).toMatchObject({ count: 0, bytes: 0, last_sequence: 4 });
      expect(unpack(packed).rest).toHaveLength(0);
    });

    it("may have more of them than there is room for in front of the lines", async () => {
      const gaps = Array.from({ length: 5000 }, (_, at) => ({
        from: 2 * at + 1,
        to: 2 * at + 1,
        reason: "corrupt" as const,
      }));
      const lines = gaps.map(({ to }) => ({ sequence: to + 1, bytes: Buffer.from(`line ${to}`) }));
      const load = { spoolId: SPOOL, first: 1, last: 10_000, lines, gaps };
      const packed = await pack(load, options);
      const { head, rest } = unpack(packed);
      expect(batchManifestSchema.parse(head)).toEqual(packed.manifest);
      expect(rest.toString().split("\n")).toHaveLength(5001);
    });
  });

  describe("twice in the same memory", () => {
    it("does not touch the batch before", async () => {
      const identity = { ...options, encoding: "identity" as const };
      const one = await pack(loadOf(["one", "two"]), identity);
      await pack(loadOf(["xxxxxxx"]), identity);
      expect(unpack(one).rest.toString()).toBe("one\ntwo\n");
    });

    it("packs two at once", async () => {
      const [one, other] = await Promise.all([
        pack(loadOf(["a".repeat(1000)]), options),
        pack(loadOf(["b".repeat(1000)]), options),
      ]);
      expect(unpack(one).rest[0]).toBe(97);
      expect(unpack(other).rest[0]).toBe(98);
    });
  });
});

describe("createScratch", () => {
  it("hands its buffer out again, once at a time, and keeps none that is too large", () => {
    const memory = createScratch(100);
    const one = memory.take(50);
    const other = memory.take(50);
    expect(other).not.toBe(one);
    memory.give(one);
    expect(memory.take(40)).toBe(one);
    memory.give(memory.take(500));
    expect(memory.take(40).length).toBe(40);
  });
});

describe("encodingFor", () => {
  const none = new Set<Encoding>();
  it.each([
    ["zstd", ["zstd", "gzip", "identity"], none, "zstd"],
    ["zstd", ["gzip"], none, "gzip"],
    ["zstd", [], none, "identity"],
    ["gzip", ["zstd", "gzip"], none, "gzip"],
    ["none", ["zstd", "gzip"], none, "identity"],
    ["zstd", ["zstd", "gzip"], new Set<Encoding>(["zstd"]), "gzip"],
    ["gzip", ["gzip"], new Set<Encoding>(["gzip", "identity"]), null],
  ] as const)("for %s of %j is %s", (wanted, taken, refused, expected) => {
    expect(encodingFor(wanted, taken, refused)).toBe(expected);
  });
});
