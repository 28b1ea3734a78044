/** Counts hints in one-second windows; half the kernel's queue in one of them may have been more than all of it. */
export function createBurstMeter(
  limit: number,
  onBurst: (count: number) => void,
): { count(now: number): void } {
  let windowStart = 0;
  let seen = 0;
  return {
    count(now) {
      if (now - windowStart >= 1000) {
        windowStart = now;
        seen = 0;
      }
      seen += 1;
      if (seen === limit) onBurst(seen);
    },
  };
}
