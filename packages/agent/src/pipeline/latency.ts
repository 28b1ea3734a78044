/** The last durations of a stage, for percentiles; memory is fixed. */
export interface Latency {
  add(ms: number): void;
  /** @param share 0 to 1. @returns milliseconds, or null when nothing was measured */
  percentile(share: number): number | null;
}

export function createLatency(size = 512): Latency {
  const ring: number[] = [];
  let next = 0;
  return {
    add(ms) {
      ring[next] = ms;
      next = (next + 1) % size;
    },
    percentile(share) {
      if (ring.length === 0) return null;
      const sorted = ring.toSorted((a, b) => a - b);
      const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
      return Math.round((sorted[at] ?? 0) * 100) / 100;
    },
  };
}
