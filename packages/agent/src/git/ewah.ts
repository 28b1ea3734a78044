/** A decoded bitmap: one bit an entry, least significant first. */
export type Bits = { readonly words: Uint8Array; readonly count: number };

/** The bitmap and the offset behind it, or null when it is malformed or has a bit at `limit` or over. */
export type DecodedBits = { readonly bits: Bits; readonly next: number } | null;

/**
 * Decodes an EWAH bitmap as git writes it (Documentation/gitformat-bitmap, appendix A): bit count,
 * word count, big-endian 64-bit words, position of the last run-length word.
 *
 * A run length is 32 bits wide, so eight bytes can claim 2^38 bits: what is set or skipped is bounded
 * by `limit`, the number of entries the bitmap is about, before anything is written.
 */
export function decodeEwah(bytes: Buffer, from: number, limit: number): DecodedBits {
  if (bytes.length - from < 12) return null;
  const bitCount = bytes.readUInt32BE(from);
  const wordCount = bytes.readUInt32BE(from + 4);
  const next = from + 8 + wordCount * 8 + 4;
  if (next > bytes.length || bitCount > Math.ceil(limit / 64) * 64) return null;
  const maxWords = Math.ceil(bitCount / 64);
  const words = new Uint8Array(maxWords * 8);
  let done = 0;
  for (let word = 0; word < wordCount;) {
    const [high, low] = wordAt(bytes, from + 8, word);
    const run = (low >>> 1) + (high & 1) * 0x8000_0000;
    const literals = high >>> 1;
    word += 1;
    if (run + literals > maxWords - done || literals > wordCount - word) return null;
    if ((low & 1) === 1) words.fill(0xff, done * 8, (done + run) * 8);
    done += run;
    for (let i = 0; i < literals; i += 1, word += 1, done += 1) {
      copyWord(bytes, from + 8 + word * 8, words, done * 8);
    }
  }
  const bits = { words, count: countBits(words) };
  return hasBitFrom(words, limit) ? null : { bits, next };
}

export function hasBit(bits: Bits, index: number): boolean {
  return (((bits.words[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1;
}

export function overlap(a: Bits, b: Bits): boolean {
  return a.words.some((word, index) => (word & (b.words[index] ?? 0)) !== 0);
}

function wordAt(bytes: Buffer, base: number, word: number): readonly [high: number, low: number] {
  return [bytes.readUInt32BE(base + word * 8), bytes.readUInt32BE(base + word * 8 + 4)];
}

function copyWord(from: Buffer, at: number, to: Uint8Array, target: number): void {
  for (let i = 0; i < 8; i += 1) to[target + i] = from[at + 7 - i] ?? 0;
}

function countBits(words: Uint8Array): number {
  let count = 0;
  for (const byte of words) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count += 1;
  }
  return count;
}

function hasBitFrom(words: Uint8Array, limit: number): boolean {
  for (let index = limit; index < words.length * 8; index += 1) {
    if ((((words[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1) return true;
  }
  return false;
}
