/** A token bucket: `rate` tokens a minute, at most a minute's worth saved up. */
interface Bucket {
  /** What is saved up, in 1/60,000 of a token: a millisecond pays whole ones, so that no rounding adds up. */
  saved: number;
  at: number;
}

/** Says when the next event of a name may go out. */
export interface RateLimit {
  /**
   * Takes one token, on credit when there is none: each of many that wait has a moment of its own.
   * @param maxWait the event goes then whatever the limit says, and takes none if it would have to wait longer
   * @returns 0 when the event may go now, else after how many milliseconds it may, without asking again
   */
  take(name: string, now: number, maxWait: number): number;
  /** Forgets names that are full again; memory is bounded by what was granted in the last minute. */
  prune(now: number): void;
  readonly size: number;
}

/** What an event costs: at one a minute, a minute. */
const TOKEN = 60_000;

/** @param perMinute tokens a minute; also the burst a quiet name may spend at once. */
export function createRateLimit(perMinute: number): RateLimit {
  const buckets = new Map<string, Bucket>();
  const full = perMinute * TOKEN;

  function refill(bucket: Bucket, now: number): void {
    if (now <= bucket.at) return;
    bucket.saved = Math.min(full, bucket.saved + (now - bucket.at) * perMinute);
    bucket.at = now;
  }

  return {
    get size() {
      return buckets.size;
    },
    take(name, now, maxWait) {
      const bucket = buckets.get(name) ?? { saved: full, at: now };
      buckets.set(name, bucket);
      refill(bucket, now);
      const wait = Math.max(0, Math.ceil((TOKEN - bucket.saved) / perMinute));
      if (wait > maxWait) return maxWait;
      bucket.saved -= TOKEN;
      return wait;
    },
    prune(now) {
      for (const [name, bucket] of buckets) {
        refill(bucket, now);
        if (bucket.saved >= full) buckets.delete(name);
      }
    },
  };
}
