import { describe, expect, it } from "vitest";
import { createBackoff, retryAfterMs } from "../src/backoff.ts";

const settings = { first_ms: 500, max_ms: 60_000, retry_after_max_s: 3600 };
const most = () => createBackoff(settings, () => 1);

describe("createBackoff", () => {
  describe("when faults follow each other", () => {
    it("doubles the upper end up to the longest", () => {
      const backoff = most();
      const ends = Array.from({ length: 10 }, () => backoff.next());
      expect(ends).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    });

    it("takes any time below the upper end: full jitter", () => {
      expect(createBackoff(settings, () => 0).next()).toBe(0);
      expect(createBackoff(settings, () => 0.3).next()).toBe(150);
    });

    it("never leaves the range of numbers", () => {
      const backoff = most();
      for (let at = 0; at < 5000; at += 1) expect(backoff.next()).toBeLessThanOrEqual(60_000);
    });

    it("begins anew after a success", () => {
      const backoff = most();
      backoff.next();
      backoff.next();
      backoff.reset();
      expect(backoff.next()).toBe(500);
    });
  });

  describe("when only a person can help", () => {
    it("waits between half of the longest and all of it", () => {
      expect(createBackoff(settings, () => 0).longest()).toBe(30_000);
      expect(most().longest()).toBe(60_000);
    });
  });

  describe("when the receiver asks for a time", () => {
    it("waits at least that, a little more, and never more than the cap", () => {
      const backoff = createBackoff(settings, () => 0.5);
      expect(backoff.asked(7000)).toBe(7250);
      expect(backoff.asked(1e15)).toBe(3_600_250);
      expect(backoff.asked(-5)).toBe(250);
    });
  });
});

describe("retryAfterMs", () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
  ])("reads %j", (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });

  it.each([undefined, "", "soon", "-5", "1.5", "1e9", "2026-01-01", "99999999999999999999"])(
    "does not read %j",
    (value) => {
      expect(retryAfterMs(value, now)).toBeNull();
    },
  );
});
