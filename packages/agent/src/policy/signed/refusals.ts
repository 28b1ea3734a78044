/** Decides which refused deliveries are told of. A courier that brings the same one every minute tells it once. */
export interface Refusals {
  /** Since the start, told or not. */
  readonly total: number;
  /** Counts one. @param digest of the delivery @param now milliseconds @returns true when it is to be told */
  note(reason: string, digest: string, now: number): boolean;
}

const HOUR_MS = 3_600_000;
/** Refusals remembered; beyond it the oldest may be told again. */
const REMEMBERED = 1024;

export function createRefusals(perHour: () => number): Refusals {
  const told = new Set<string>();
  let recent: number[] = [];
  let total = 0;
  return {
    get total() {
      return total;
    },
    note(reason, digest, now) {
      total += 1;
      const name = `${reason}:${digest}`;
      if (told.has(name)) return false;
      recent = recent.filter((at) => Math.abs(now - at) < HOUR_MS);
      // Somebody who makes up ever new deliveries must not fill the spool with their refusals.
      if (recent.length >= perHour()) return false;
      recent.push(now);
      told.add(name);
      const [oldest] = told;
      if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
      return true;
    },
  };
}
