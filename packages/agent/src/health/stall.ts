/** Notices that this process did not run for a while: stopped, starved or blocked. What came meanwhile may be lost. */
export function watchForStalls(
  limitMs: number,
  monotonic: () => number,
  onStall: (blockedMs: number) => void,
): { close(): void } {
  const period = Math.max(50, Math.min(500, limitMs / 4));
  let last = monotonic();
  const timer = setInterval(() => {
    const now = monotonic();
    const blocked = now - last - period;
    last = now;
    if (blocked > limitMs) onStall(Math.round(blocked));
  }, period).unref();
  return { close: () => clearInterval(timer) };
}
