/** Which targets a sweep looks at. */
export type Part = "all" | "critical" | "standard";

/**
 * Keeps polls, or the sweeps that doubts ask for, to a share of the time: without it, a tree that takes longer than the
 * interval, or that grows without end, is read without end.
 */
export interface Pace {
  /** @returns false when it is too early: it is then asked for again as soon as it is not */
  allows(part: Part): boolean;
  /** A sweep of a part took so many milliseconds. */
  took(part: Part, ms: number): void;
  close(): void;
}

/**
 * @param percent share of the time that polls may take
 * @param again called when a poll that came too early may be made
 */
export function createPace(
  percent: number,
  monotonic: () => number,
  again: (part: Part) => void,
): Pace {
  const notBefore = new Map<Part, number>();
  const waiting = new Map<Part, NodeJS.Timeout>();
  return {
    allows(part) {
      const wait = (notBefore.get(part) ?? 0) - monotonic();
      if (wait <= 0) return true;
      if (!waiting.has(part)) {
        const timer = setTimeout(() => {
          waiting.delete(part);
          again(part);
        }, wait).unref();
        waiting.set(part, timer);
      }
      return false;
    },
    took(part, ms) {
      const rest = ms * (100 / percent - 1);
      // Critical targets are walked first: how long a sweep of all took says nothing about them.
      for (const one of part === "all" ? (["all", "standard"] as const) : [part])
        notBefore.set(one, monotonic() + rest);
    },
    close() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
