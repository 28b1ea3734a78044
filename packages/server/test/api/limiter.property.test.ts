import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLimiter } from "../../src/api/limiter.ts";

describe("the limiter", () => {
  it("lets nobody through more often than the bucket and its filling allow", () => {
    const steps = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), steps, (perMinute, waits) => {
        let now = 0;
        let passed = 0;
        const limit = createLimiter(perMinute, () => now);
        for (const wait of waits) {
          now += wait;
          if (limit("a") === null) passed += 1;
        }
        const span = now - (waits[0] ?? 0);
        expect(passed).toBeLessThanOrEqual(perMinute + (span / 60_000) * perMinute + 1e-6);
      }),
    );
  });

  it("lets one through again after the time it names", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (perMinute) => {
        let now = 0;
        const limit = createLimiter(perMinute, () => now);
        for (let at = 0; at < perMinute; at += 1) expect(limit("a")).toBeNull();
        const wait = limit("a");
        expect(wait).toBeGreaterThan(0);
        expect(limit("b")).toBeNull();
        now += Math.ceil((wait ?? 0) * 1000);
        expect(limit("a")).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it("does not give more when the clock goes back", () => {
    let now = 100_000;
    const limit = createLimiter(2, () => now);
    expect([limit("a"), limit("a")]).toEqual([null, null]);
    now = 0;
    expect(limit("a")).not.toBeNull();
  });

  it("remembers a bounded number of names", () => {
    const limit = createLimiter(1, () => 0);
    limit("first");
    for (let at = 0; at < 10_000; at += 1) limit(`name ${at}`);
    expect(limit("first")).toBeNull();
    expect(limit("name 9999")).not.toBeNull();
  });
});
