/**
 * The entry names of one index file: sorted, one after the other in one buffer, with their ends.
 *
 * Chosen over a Set of strings (about five times the memory, and names are bytes, not text) and over
 * scanning the raw file per question (version 4 would decode every name each time): decoded once, a
 * question is a binary search, and half a million entries cost their names plus 4 bytes each.
 */
export type Names = {
  readonly count: number;
  readonly bytes: Buffer;
  /** `ends[i]` is where name i ends and name i + 1 starts. */
  readonly ends: Uint32Array;
};

/** Collects names in index order. */
export type NamesBuilder = {
  /** Length of the last name; 0 before the first. */
  lastLength: () => number;
  /** Adds the first `keep` bytes of the last name plus `source[from..to)`; false if over the cap. */
  add: (keep: number, source: Buffer, from: number, to: number) => boolean;
  /** Byte order of the last two names: negative if ascending; -1 with fewer than two. */
  order: () => number;
  finish: () => Names;
};

export function buildNames(capacity: number, maxBytes: number): NamesBuilder {
  const ends = new Uint32Array(capacity);
  let bytes = Buffer.allocUnsafeSlow(Math.min(maxBytes, 64 * 1024));
  let used = 0;
  let count = 0;
  const startOf = (index: number): number => (index > 0 ? (ends[index - 1] ?? 0) : 0);
  const reserve = (length: number): void => {
    if (used + length <= bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(used + length, used * 2)));
    bytes.copy(wider, 0, 0, used);
    bytes = wider;
  };
  return {
    lastLength: () => (count === 0 ? 0 : used - startOf(count - 1)),
    add(keep, source, from, to) {
      const length = keep + to - from;
      if (used + length > maxBytes || count === capacity) return false;
      reserve(length);
      const last = startOf(count - 1);
      bytes.copy(bytes, used, last, last + keep);
      source.copy(bytes, used + keep, from, to);
      used += length;
      ends[count] = used;
      count += 1;
      return true;
    },
    order() {
      if (count < 2) return -1;
      const middle = startOf(count - 1);
      return bytes.compare(bytes, middle, used, startOf(count - 2), middle);
    },
    finish: () => ({
      count,
      bytes: Buffer.from(bytes.subarray(0, used)),
      ends: count === capacity ? ends : ends.slice(0, count),
    }),
  };
}

/** The entries with exactly this name (one a stage), as `[from, to)`; empty when there is none. */
export function findName(names: Names, name: Buffer): readonly [from: number, to: number] {
  let low = 0;
  let high = names.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(names, middle, name) < 0) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < names.count && compareAt(names, end, name) === 0) end += 1;
  return [low, end];
}

function compareAt(names: Names, index: number, name: Buffer): number {
  const start = index > 0 ? (names.ends[index - 1] ?? 0) : 0;
  return names.bytes.compare(name, 0, name.length, start, names.ends[index] ?? start);
}

/** What keeping these names costs, for the cache's account. */
export function bytesOf(names: Names): number {
  return names.bytes.length + names.ends.byteLength;
}
