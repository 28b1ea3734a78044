import { eventually } from "@sigil/testkit";
import { describe, expect, it } from "vitest";
import { startRetention } from "../src/retention.ts";
import { DEFAULT_SERVER_SETTINGS } from "../src/settings.ts";

const DAY = 86_400_000;
const NOW = 1_700_000_000_000;
const settings = { ...DEFAULT_SERVER_SETTINGS.retention, max_age_days: 10, max_bytes: 5 };

describe("retention", () => {
  const run = (left: number[], prune?: () => Promise<number>, time?: number) => {
    const advanced: number[] = [];
    const asked: unknown[] = [];
    const warned: string[] = [];
    const pruned: number[] = [];
    const end = startRetention({
      store: {
        retentionTime: (now, advanceMs) => {
          advanced.push(advanceMs);
          return Promise.resolve(time ?? now);
        },
        prune: (before) => {
          asked.push(before);
          return prune ? prune() : Promise.resolve(left.shift() ?? 0);
        },
      },
      settings,
      now: () => NOW,
      log: {
        info: () => undefined,
        warn: (...said: unknown[]) => void warned.push(String(said.at(-1))),
      } as never,
      onPruned: (count) => void pruned.push(count),
    });
    return { asked, warned, pruned, advanced, end };
  };

  describe("when it starts", () => {
    it("deletes piece by piece until nothing is too old or too much", async () => {
      const { asked, pruned, end } = run([5000, 5000, 12]);
      await eventually(() => asked.length === 4);
      end();
      expect(pruned).toEqual([5000, 5000, 12]);
      expect(asked[0]).toEqual({ receivedAt: NOW - 10 * DAY, maxBytes: 5 });
    });
  });

  describe("when it is ended", () => {
    it("stops after the piece under way", async () => {
      const { asked, end } = run(Array.from({ length: 1000 }, () => 1));
      await eventually(() => asked.length >= 2);
      end();
      const then = asked.length;
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      expect(asked.length).toBeLessThanOrEqual(then + 1);
    });
  });

  describe("when the store fails", () => {
    it("says so and goes on living", async () => {
      const { warned, end } = run([], () => Promise.reject(new Error("disk")));
      await eventually(() => warned.length === 1);
      end();
      expect(warned[0]).toContain("disk");
    });
  });

  describe("when the clock is years ahead of the last look", () => {
    it("counts age from the last look, and says so", async () => {
      const { asked, warned, advanced, end } = run([], undefined, NOW - 3650 * DAY);
      await eventually(() => asked.length === 1);
      end();
      expect(asked[0]).toEqual({ receivedAt: NOW - 3660 * DAY, maxBytes: 5 });
      expect(advanced).toEqual([0]);
      expect(warned.join()).toContain("the clock is far ahead");
    });
  });
});
