import { describe, expect, it } from "vitest";
import { createRateLimit } from "../../src/index.ts";

describe("createRateLimit", () => {
  describe("when a name spends its minute", () => {
    it("says how long to wait, and lets it go then", () => {
      const limit = createRateLimit(3);
      expect([limit.take("a", 0), limit.take("a", 0), limit.take("a", 0)]).toEqual([0, 0, 0]);
      expect(limit.take("a", 0)).toBe(20_000);
      expect(limit.take("a", 5_000)).toBe(15_000);
      expect(limit.take("a", 20_000)).toBe(0);
      expect(limit.take("a", 20_000)).toBeGreaterThan(0);
    });
    it("leaves other names alone", () => {
      const limit = createRateLimit(1);
      expect([limit.take("a", 0), limit.take("b", 0)]).toEqual([0, 0]);
    });
    it("saves up no more than a minute's worth", () => {
      const limit = createRateLimit(2);
      limit.take("a", 0);
      const later = 10 * 3_600_000;
      expect([0, 0, 0].map(() => limit.take("a", later) === 0)).toEqual([true, true, false]);
    });
  });
  describe("when time seems to go back", () => {
    it("does not pay the same time out twice", () => {
      const limit = createRateLimit(1);
      expect(limit.take("a", 100_000)).toBe(0);
      expect(limit.take("a", 0)).toBeGreaterThan(0);
      expect(limit.take("a", 100_000)).toBeGreaterThan(0);
    });
  });
  describe("prune", () => {
    it("forgets names that are full again, and only them", () => {
      const limit = createRateLimit(2);
      limit.take("a", 0);
      limit.take("b", 29_999);
      limit.prune(30_000);
      expect(limit.size).toBe(1);
      limit.prune(60_000);
      expect(limit.size).toBe(0);
    });
    it("grants nothing more by forgetting", () => {
      const limit = createRateLimit(1);
      limit.take("a", 0);
      limit.prune(59_000);
      expect(limit.take("a", 59_000)).toBeGreaterThan(0);
    });
  });
});
