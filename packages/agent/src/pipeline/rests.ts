import type { PathKey } from "@sigil/core/plain";

/**
 * How long a large file is left alone after it was read: a log that grows without end, hashed in full at each of its
 * changes, would keep a thread and the disk busy without end.
 */
export interface Rests {
  /** Milliseconds until the path may be read again; 0: now. */
  left(path: PathKey): number;
  took(path: PathKey, ms: number): void;
}

/** Paths remembered before those that may be read again are forgotten. */
const PRUNE_AT = 1000;

/**
 * @param percent share of the time that reading one file may take
 * @param maxMs longest rest, so that the last state is told within it
 */
export function createRests(percent: number, maxMs: number, monotonic: () => number): Rests {
  const until = new Map<PathKey, number>();
  return {
    left: (path) => Math.max(0, (until.get(path) ?? 0) - monotonic()),
    took(path, ms) {
      const now = monotonic();
      if (until.size >= PRUNE_AT) for (const [old, end] of until) if (end <= now) until.delete(old);
      until.set(path, now + Math.min(maxMs, ms * (100 / percent - 1)));
    },
  };
}
