import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchForStalls } from "../../src/health/stall.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("watchForStalls", () => {
  describe("when the process did not run for longer than the limit", () => {
    it("tells for how long, and nothing while it runs", () => {
      let extra = 0;
      const told: number[] = [];
      const watch = watchForStalls(
        2000,
        () => performance.now() + extra,
        (ms) => told.push(ms),
      );
      vi.advanceTimersByTime(60_000);
      expect(told).toEqual([]);
      extra += 2000;
      vi.advanceTimersByTime(500);
      expect(told).toEqual([]);
      extra += 2001;
      vi.advanceTimersByTime(500);
      expect(told).toEqual([2001]);
      watch.close();
      extra += 9999;
      vi.advanceTimersByTime(5000);
      expect(told).toHaveLength(1);
    });
  });
});
