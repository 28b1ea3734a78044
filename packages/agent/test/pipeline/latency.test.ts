import { describe, expect, it } from "vitest";
import { createLatency } from "../../src/pipeline/latency.ts";

describe("createLatency", () => {
  describe("when nothing was measured", () => {
    it("has no percentile", () => {
      expect(createLatency().percentile(0.5)).toBeNull();
    });
  });

  describe("when durations were measured", () => {
    it("gives percentiles of them, whatever their order", () => {
      const latency = createLatency();
      for (let ms = 100; ms >= 1; ms -= 1) latency.add(ms);
      expect(latency.percentile(0.5)).toBe(51);
      expect(latency.percentile(0.99)).toBe(100);
      expect(latency.percentile(1)).toBe(100);
    });

    it("rounds to hundredths", () => {
      const latency = createLatency();
      latency.add(1.23456);
      expect(latency.percentile(0)).toBe(1.23);
    });
  });

  describe("when more were measured than are kept", () => {
    it("forgets the oldest", () => {
      const latency = createLatency(2);
      for (const ms of [1000, 2, 1]) latency.add(ms);
      expect(latency.percentile(1)).toBe(2);
    });
  });
});
