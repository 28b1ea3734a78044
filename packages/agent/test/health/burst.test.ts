import { describe, expect, it } from "vitest";
import { createBurstMeter } from "../../src/health/burst.ts";

describe("createBurstMeter", () => {
  describe("when half the queue comes within a second", () => {
    it("tells once a second, and not below", () => {
      const told: number[] = [];
      const meter = createBurstMeter(3, (count) => told.push(count));
      for (const now of [5000, 5100, 6200, 6300]) meter.count(now);
      expect(told).toEqual([]);
      for (const now of [6400, 6500, 6600]) meter.count(now);
      expect(told).toEqual([3]);
      for (const now of [7300, 7400, 7500]) meter.count(now);
      expect(told).toEqual([3, 3]);
    });
  });
});
