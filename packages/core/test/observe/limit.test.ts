import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../src/index.ts";

const EVER = Number.POSITIVE_INFINITY;

function startLimit(perMinute: number) {
  const limit = createRateLimit(perMinute);
  return { limit, take: (name: string, now: number) => limit.take(name, now, EVER) };
}

describe("createRateLimit", () => {
  describe("when a name spends its minute", () => {
    it("gives each that must wait a moment of its own", () => {
      const { take } = startLimit(3);
      expect([take("a", 0), take("a", 0), take("a", 0)]).toEqual([0, 0, 0]);
      expect([take("a", 0), take("a", 0), take("a", 0)]).toEqual([20_000, 40_000, 60_000]);
      expect(take("a", 60_000)).toBe(20_000);
      expect(take("a", 100_000)).toBe(0);
    });
    it("takes nothing for one that may not wait as long", () => {
      const { limit, take } = startLimit(3);
      for (const _ of [1, 2, 3]) take("a", 0);
      expect([limit.take("a", 0, 5000), limit.take("a", 0, 5000)]).toEqual([5000, 5000]);
      expect(take("a", 0)).toBe(20_000);
    });
    it("leaves other names alone", () => {
      const { take } = startLimit(1);
      expect([take("a", 0), take("b", 0)]).toEqual([0, 0]);
    });
    it("saves up no more than a minute's worth", () => {
      const { take } = startLimit(2);
      take("a", 0);
      const later = 10 * 3_600_000;
      expect([0, 0, 0].map(() => take("a", later) === 0)).toEqual([true, true, false]);
    });
  });
  describe("when time seems to go back", () => {
    it("does not pay the same time out twice", () => {
      const { take } = startLimit(1);
      expect(take("a", 100_000)).toBe(0);
      expect(take("a", 0)).toBe(60_000);
      expect(take("a", 100_000)).toBe(120_000);
    });
  });
  describe("prune", () => {
    it("forgets names that are full again, and only them", () => {
      const { limit, take } = startLimit(2);
      take("a", 0);
      take("b", 29_999);
      limit.prune(30_000);
      expect(limit.size).toBe(1);
      limit.prune(60_000);
      expect(limit.size).toBe(0);
    });
    it("grants nothing more by forgetting", () => {
      const { limit, take } = startLimit(1);
      take("a", 0);
      limit.prune(59_000);
      expect(take("a", 59_000)).toBe(1000);
    });
  });
});
