import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlab, encodingOf, unpack as unpackInto, type Encoding } from "../src/unpack.ts";

const MIB = 1024 * 1024;
const text = Buffer.from("a line\n".repeat(1000));
const packed: readonly [Encoding, (bytes: Buffer) => Buffer][] = [
  ["zstd", (bytes) => zstdCompressSync(bytes)],
  ["gzip", (bytes) => gzipSync(bytes)],
  ["identity", (bytes) => bytes],
];

const unpack = (body: Buffer, encoding: Encoding, maxBytes: number) =>
  unpackInto(body, encoding, maxBytes, createSlab(100));

describe("unpacking", () => {
  describe.each(packed)("when a body is %s", (encoding, pack) => {
    it("gives what was packed", async () => {
      expect(await unpack(pack(text), encoding, text.length)).toEqual(text);
    });

    it("stops at the limit", async () => {
      expect(await unpack(pack(text), encoding, text.length - 1)).toMatchObject({
        kind: "refused",
        problem: "batch-too-large",
      });
    });
  });

  describe("when a body is a bomb", () => {
    it.each(["zstd", "gzip"] as const)("refuses it at the limit: %s", async (encoding) => {
      const zeros = Buffer.alloc(256 * MIB);
      const bomb = encoding === "zstd" ? zstdCompressSync(zeros) : gzipSync(zeros);
      expect(bomb.length).toBeLessThan(MIB);
      const before = process.memoryUsage().rss;
      expect(await unpack(bomb, encoding, 2 * MIB)).toMatchObject({ problem: "batch-too-large" });
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
    });

    it("refuses a frame that asks for a huge window", async () => {
      const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_compressionLevel]: 1 };
      const bomb = zstdCompressSync(Buffer.alloc(130 * MIB), { params });
      expect(await unpack(bomb, "zstd", 512 * MIB)).toMatchObject({ problem: "batch-malformed" });
    });
  });

  describe("when a body is something else", () => {
    it("is refused, whatever it is", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 200 }),
          fc.constantFrom<Encoding>("zstd", "gzip"),
          async (bytes, encoding) => {
            const done = await unpack(Buffer.from(bytes), encoding, 1000);
            expect(
              Buffer.isBuffer(done) ? done.length === 0 : done.problem === "batch-malformed",
            ).toBe(true);
          },
        ),
        { numRuns: 60 },
      );
      for (const [encoding, pack] of packed.slice(0, 2))
        expect(await unpack(pack(text).subarray(0, -2), encoding, 9000)).toMatchObject({
          problem: "batch-malformed",
        });
    });
  });
});

describe("the memory batches are unpacked into", () => {
  describe("when it is used again", () => {
    it("holds the new batch and nothing of the old", async () => {
      const slab = createSlab(10);
      const lengths: number[] = [];
      for (const size of [5000, 3, 70_000]) {
        const one = Buffer.alloc(size, size % 251);
        expect(await unpackInto(gzipSync(one), "gzip", MIB, slab)).toEqual(one);
        lengths.push(slab.length);
        slab.reset(10_000);
        expect(slab.length).toBe(0);
      }
      expect(lengths).toEqual([5000, 3, 70_000]);
    });
  });
});

describe("an encoding", () => {
  describe("when a header names it", () => {
    it.each([
      [undefined, "identity"],
      ["zstd", "zstd"],
      [" GZIP ", "gzip"],
      ["br", null],
      ["gzip, zstd", null],
      ["", null],
    ] as const)("%j is %s", (header, encoding) => {
      expect(encodingOf(header)).toBe(encoding);
    });
  });
});
