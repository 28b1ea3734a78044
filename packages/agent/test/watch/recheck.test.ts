import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRecheck } from "../../src/watch/recheck.ts";

describe("createRecheck", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  describe("when a tree is active", () => {
    it("looks once after the delay, however often it was asked", () => {
      const look = vi.fn<() => void>();
      const recheck = createRecheck(5000, look);
      recheck.soon();
      recheck.soon();
      vi.advanceTimersByTime(4999);
      expect(look).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(look).toHaveBeenCalledTimes(1);
    });

    it("looks again for what comes after a look", () => {
      const look = vi.fn<() => void>();
      const recheck = createRecheck(5000, look);
      recheck.soon();
      vi.advanceTimersByTime(5000);
      recheck.soon();
      vi.advanceTimersByTime(5000);
      expect(look).toHaveBeenCalledTimes(2);
    });
  });

  describe("when it is closed", () => {
    it("looks no more", () => {
      const look = vi.fn<() => void>();
      const recheck = createRecheck(5000, look);
      recheck.soon();
      recheck.close();
      vi.advanceTimersByTime(10_000);
      expect(look).not.toHaveBeenCalled();
    });
  });
});
