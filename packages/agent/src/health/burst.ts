/**
 * Counts raw events in windows of a second; half the kernel's queue in one of them may have been more than all of it.
 * A full queue is read in one turn of the loop, however long that takes: no window ends within a turn.
 */
export function createBurstMeter(
  limit: number,
  onBurst: (count: number) => void,
  nextTurn: (act: () => void) => void = setImmediate,
): { count(now: number): void } {
  let windowStart = 0;
  let seen = 0;
  let sameTurn = false;
  return {
    count(now) {
      if (!sameTurn) {
        sameTurn = true;
        nextTurn(() => (sameTurn = false));
        if (now - windowStart >= 1000) {
          windowStart = now;
          seen = 0;
        }
      }
      seen += 1;
      if (seen === limit) onBurst(seen);
    },
  };
}
