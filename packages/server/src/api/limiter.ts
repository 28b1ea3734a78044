/** Names remembered at once; whoever is forgotten starts with a full bucket. */
const MAX_NAMES = 10_000;

/** Seconds after which one of this name may ask again, or null: now, and this asking is counted. */
export type Limiter = (name: string) => number | null;

/** A bucket a name, filled evenly: `perMinute` requests a minute, and as many at once after a pause. @param now ms */
export function createLimiter(perMinute: number, now: () => number): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = perMinute / 60_000;
  return (name) => {
    const at = now();
    const before = buckets.get(name) ?? { tokens: perMinute, at };
    const tokens = Math.min(perMinute, before.tokens + Math.max(0, at - before.at) * perMs);
    // Last used last, so that the first of the map is the one to forget.
    buckets.delete(name);
    buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    if (buckets.size > MAX_NAMES) buckets.delete(buckets.keys().next().value ?? "");
    return tokens < 1 ? (1 - tokens) / perMs / 1000 : null;
  };
}
