import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEwah, hasBit } from "../../src/git/ewah.ts";

/** An encoder of its own: one run-length word, then literals; runs where whole words are equal. */
function encode(bits: readonly boolean[]): Buffer {
  const words: bigint[] = [];
  for (let at = 0; at < bits.length; at += 64) {
    const slice = bits.slice(at, at + 64);
    words.push(slice.reduce((word, bit, i) => (bit ? word | (1n << BigInt(i)) : word), 0n));
  }
  const FULL = (1n << 64n) - 1n;
  const out: bigint[] = [];
  for (let at = 0; at < words.length;) {
    const first = words[at] ?? 0n;
    let run = 0;
    if (first === 0n || first === FULL) while (words[at + run] === first) run += 1;
    at += run;
    let end = at;
    while (end < words.length && words[end] !== 0n && words[end] !== FULL) end += 1;
    const flag = run > 0 && first === FULL ? 1n : 0n;
    out.push(flag | (BigInt(run) << 1n) | (BigInt(end - at) << 33n), ...words.slice(at, end));
    at = end;
  }
  return raw(bits.length, out);
}

function raw(bitCount: number, words: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(12 + words.length * 8);
  bytes.writeUInt32BE(bitCount, 0);
  bytes.writeUInt32BE(words.length, 4);
  for (const [i, word] of words.entries()) bytes.writeBigUInt64BE(word, 8 + i * 8);
  return bytes;
}

describe("decodeEwah", () => {
  describe("when the bitmap is sound", () => {
    it("gives every bit back", () => {
      const run = fc.record({ bit: fc.boolean(), length: fc.integer({ min: 1, max: 200 }) });
      fc.assert(
        fc.property(fc.array(run, { maxLength: 12 }), fc.nat(9), (runs, before) => {
          const bits = runs.flatMap(({ bit, length }) => Array.from({ length }, () => bit));
          const bytes = Buffer.concat([Buffer.alloc(before), encode(bits), Buffer.from("tail")]);
          const decoded = decodeEwah(bytes, before, bits.length);
          expect(decoded?.next).toBe(bytes.length - 4);
          expect(decoded?.bits.count).toBe(bits.filter(Boolean).length);
          expect(bits.map((_, i) => decoded !== null && hasBit(decoded.bits, i))).toEqual(bits);
        }),
      );
    });
  });

  describe("when the bitmap claims more than there is", () => {
    it.each([
      ["a run of 2^32 - 1 words", raw(64, [(0xffff_ffffn << 1n) | 1n])],
      ["a run over the bit count", raw(64, [(2n << 1n) | 1n])],
      ["more literals than words", raw(128, [2n << 33n, 1n])],
      ["more bits than entries", raw(100_000, [])],
      ["a bit beyond the last entry", raw(64, [1n << 33n, 1n << 10n])],
      ["a cut header", Buffer.alloc(11)],
      ["a cut body", raw(64, [1n << 33n, 1n]).subarray(0, -5)],
      ["a word count beyond the file", Buffer.from("00000040ffffffff00000000", "hex")],
    ])("refuses %s", (_, bytes) => {
      expect(decodeEwah(bytes, 0, 10)).toBeNull();
    });
  });

  describe("when words change nothing", () => {
    it("ends", () => {
      expect(
        decodeEwah(
          raw(
            64,
            Array.from({ length: 1000 }, () => 0n),
          ),
          0,
          10,
        )?.bits.count,
      ).toBe(0);
    });
  });
});
