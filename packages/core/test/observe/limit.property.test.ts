import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../src/index.ts";

const MINUTE = 60_000;
const EVER = Number.POSITIVE_INFINITY;
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
          granted.push(now + limit.take("a", now, EVER));
        });
        granted.forEach((start, first) => {
          for (let last = first; last < granted.length; last += 1) {
            const allowed = perMinute + (((granted[last] ?? 0) - start) / MINUTE) * perMinute;
            expect(last - first + 1).toBeLessThanOrEqual(Math.floor(allowed + 1e-6));
          }
        });
      }),
      // Found once: rounded by a part of a millisecond, the last one came a whole one early.
      { numRuns: 60, examples: [[1, [0, 0, 6, 0, 173, 0], []]] },
    );
  });
  it("lets nobody wait longer than for all before it", () => {
    fc.assert(
      fc.property(
        rate,
        fc.nat(100_000),
        fc.integer({ min: 1, max: 400 }),
        (perMinute, start, more) => {
          const limit = createRateLimit(perMinute);
          for (let index = 0; index < perMinute; index += 1)
            expect(limit.take("a", start, EVER)).toBe(0);
          for (let index = 1; index <= more; index += 1)
            expect(limit.take("a", start, EVER)).toBeLessThanOrEqual(
              Math.ceil((index * MINUTE) / perMinute) + 1,
            );
        },
      ),
      { numRuns: 60 },
    );
  });
  it("forgets every name a minute after the last was granted", () => {
    fc.assert(
      fc.property(rate, fc.array(fc.string(), { maxLength: 30 }), (perMinute, names) => {
        const limit = createRateLimit(perMinute);
        const granted = names.map((name) => limit.take(name, 0, EVER));
        expect(limit.size).toBe(new Set(names).size);
        limit.prune(Math.max(0, ...granted) + MINUTE);
        expect(limit.size).toBe(0);
      }),
      // Found once: what is granted on credit is paid back first.
      { examples: [[1, ["", ""]]] },
    );
  });
});
