import type { SenderSettings } from "./settings.ts";

/** Doubling beyond this would leave the range of whole numbers long after any upper end. */
const MAX_DOUBLINGS = 32;

/** How long to wait before the next attempt. Full jitter: hosts that fell together do not come back together. */
export interface Backoff {
  /** After a fault that may pass: 0 to `first_ms` · 2ⁿ, at most `max_ms`. Milliseconds. */
  next(): number;
  /** When only a person can help: half of `max_ms` to all of it. Milliseconds. */
  longest(): number;
  /** What the receiver asked for, capped, and a little more so that not all come at once. Milliseconds. */
  asked(ms: number): number;
  /** Something was delivered. */
  reset(): void;
}

/** @param random 0 ≤ x < 1 */
export function createBackoff(settings: SenderSettings["retry"], random: () => number): Backoff {
  let failures = 0;
  return {
    next() {
      const end = Math.min(settings.max_ms, settings.first_ms * 2 ** failures);
      failures = Math.min(failures + 1, MAX_DOUBLINGS);
      return Math.round(random() * end);
    },
    longest: () => Math.round(settings.max_ms * (0.5 + random() / 2)),
    asked(ms) {
      const most = settings.retry_after_max_s * 1000;
      return Math.min(Math.max(0, ms), most) + Math.round(random() * settings.first_ms);
    },
    reset() {
      failures = 0;
    },
  };
}

/**
 * Value of a Retry-After header, RFC 9110 §10.2.3: seconds or an HTTP date. Null when it is neither. Milliseconds.
 * @param now milliseconds since the epoch, for dates
 */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much that is no HTTP date: "-5" would be a year.
  if (!/^[A-Z][a-z]+,? /.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
