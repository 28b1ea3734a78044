import { describe, expect, it } from "vitest";
import { createBurstMeter } from "../../src/health/burst.ts";

describe("createBurstMeter", () => {
  describe("when half the queue comes within a second", () => {
    it("tells once a second, and not below", () => {
      const told: number[] = [];
      const everyEventItsTurn = (act: () => void) => act();
      const meter = createBurstMeter(3, (count) => told.push(count), everyEventItsTurn);
      for (const now of [5000, 5100, 6200, 6300]) meter.count(now);
      expect(told).toEqual([]);
      for (const now of [6400, 6500, 6600]) meter.count(now);
      expect(told).toEqual([3]);
      for (const now of [7300, 7400, 7500]) meter.count(now);
      expect(told).toEqual([3, 3]);
    });
  });

  describe("when a slow machine takes seconds to read one full queue", () => {
    it("counts what comes in one turn of the loop together", () => {
      const told: number[] = [];
      const turns: (() => void)[] = [];
      const meter = createBurstMeter(
        3,
        (count) => told.push(count),
        (act) => turns.push(act),
      );
      for (const now of [5000, 5900, 6800]) meter.count(now);
      expect(told).toEqual([3]);
      for (const act of turns) act();
      for (const now of [7700, 8600]) meter.count(now);
      expect(told).toEqual([3]);
    });
  });
});
