import type { Clock } from "./ports.ts";
import type { SenderSettings } from "./settings.ts";

/** Caps on what is sent; 0 switches one off. */
export interface Limiter {
  /** Books a batch. @returns how long to wait before it is sent, milliseconds */
  take(bytes: number): number;
}

export function createLimiter(settings: SenderSettings["limit"], clock: Clock): Limiter {
  const buckets = [
    { cost: (bytes: number) => bytes, bucket: createBucket(settings.bytes_per_second, clock) },
    { cost: () => 1, bucket: createBucket(settings.batches_per_second, clock) },
  ];
  return {
    take: (bytes) => Math.max(...buckets.map(({ cost, bucket }) => bucket(cost(bytes)))),
  };
}

/**
 * Holds one second's worth. It may go into debt, so that a batch larger than that passes too, and pays with the wait of
 * those after it: over any long time the rate is kept.
 */
function createBucket(perSecond: number, clock: Clock): (cost: number) => number {
  if (perSecond === 0) return () => 0;
  let balance = perSecond;
  let at = clock.monotonic();
  return (cost) => {
    const now = clock.monotonic();
    balance = Math.min(perSecond, balance + ((now - at) / 1000) * perSecond);
    at = now;
    const wait = balance > 0 ? 0 : Math.ceil((-balance / perSecond) * 1000) + 1;
    balance -= cost;
    return wait;
  };
}
