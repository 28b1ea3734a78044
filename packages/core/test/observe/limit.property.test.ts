import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../src/index.ts";

const MINUTE = 60_000;
const rate = fc.integer({ min: 1, max: 300 });

describe("createRateLimit, for any run of takings", () => {
  it("never grants more than the burst and what time has paid since, in any window", () => {
    const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(2000), fc.nat(90_000)), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(rate, gaps, fc.array(fc.boolean()), (perMinute, steps, prunes) => {
        const limit = createRateLimit(perMinute);
        const granted: number[] = [];
        let now = 0;
        steps.forEach((gap, index) => {
          now += gap;
          if (prunes[index]) limit.prune(now);
          if (limit.take("a", now) === 0) granted.push(now);
        });
        granted.forEach((start, first) => {
          for (let last = first; last < granted.length; last += 1) {
            const allowed = perMinute + (((granted[last] ?? 0) - start) / MINUTE) * perMinute;
            expect(last - first + 1).toBeLessThanOrEqual(Math.floor(allowed + 1e-6));
          }
        });
      }),
      { numRuns: 60 },
    );
  });
  it("grants after the wait it named, and not a quarter of it before", () => {
    fc.assert(
      fc.property(rate, fc.nat(100_000), (perMinute, start) => {
        const limit = createRateLimit(perMinute);
        for (let index = 0; index < perMinute; index += 1) expect(limit.take("a", start)).toBe(0);
        const wait = limit.take("a", start);
        expect(wait).toBeGreaterThan(0);
        expect(limit.take("a", start + Math.floor(wait * 0.75))).toBeGreaterThan(0);
        // Rounding of the sum of the two refills may ask for one millisecond more.
        expect(limit.take("a", start + wait) === 0 || limit.take("a", start + wait + 1) === 0).toBe(
          true,
        );
      }),
    );
  });
  it("forgets every name after a minute of quiet", () => {
    fc.assert(
      fc.property(rate, fc.array(fc.string(), { maxLength: 30 }), (perMinute, names) => {
        const limit = createRateLimit(perMinute);
        for (const name of names) limit.take(name, 0);
        expect(limit.size).toBe(new Set(names).size);
        limit.prune(MINUTE + 1);
        expect(limit.size).toBe(0);
      }),
    );
  });
});
