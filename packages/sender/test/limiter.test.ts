import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLimiter } from "../src/limiter.ts";

function clockAt(start = 0) {
  let at = start;
  return { now: () => at, monotonic: () => at, pass: (ms: number) => void (at += ms) };
}

describe("createLimiter", () => {
  describe("when nothing is capped", () => {
    it("never waits", () => {
      const limiter = createLimiter({ bytes_per_second: 0, batches_per_second: 0 }, clockAt());
      expect([limiter.take(1e12), limiter.take(1e12)]).toEqual([0, 0]);
    });
  });

  describe("when bytes are capped", () => {
    it("lets one batch through that is larger than a second's worth, and makes the next pay", () => {
      const clock = clockAt();
      const limiter = createLimiter({ bytes_per_second: 1000, batches_per_second: 0 }, clock);
      expect(limiter.take(5000)).toBe(0);
      expect(limiter.take(1)).toBe(4001);
      clock.pass(4002);
      expect(limiter.take(1)).toBe(0);
    });
  });

  describe("when batches are capped", () => {
    it("spreads them", () => {
      const clock = clockAt();
      const limiter = createLimiter({ bytes_per_second: 0, batches_per_second: 2 }, clock);
      expect([limiter.take(1), limiter.take(1)]).toEqual([0, 0]);
      expect(limiter.take(1)).toBeGreaterThan(0);
    });
  });

  it("keeps the rate over any time", () => {
    const batch = fc.record({ bytes: fc.integer({ min: 1, max: 5000 }), idle: fc.nat(2000) });
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 50 }), (batches) => {
        const clock = clockAt();
        const limiter = createLimiter({ bytes_per_second: 1000, batches_per_second: 0 }, clock);
        let sent = 0;
        for (const { bytes, idle } of batches) {
          clock.pass(idle);
          clock.pass(limiter.take(bytes));
          // Before this batch: what time allowed, a second's worth, and one batch that went into debt.
          expect(sent).toBeLessThanOrEqual(clock.now() + 1000 + 1);
          sent += bytes;
        }
      }),
    );
  });
});
