import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDoubt } from "../../src/watch/doubt.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const log: string[] = [];
  const doubt = createDoubt(500, {
    report: (reason, detail, missed) => void log.push(`report ${reason} ${detail} ${missed}`),
    renew: async () => void log.push("renew"),
    sweep: () => void log.push("sweep"),
  });
  return { doubt, log };
}

describe("createDoubt", () => {
  describe("when several doubts come close together", () => {
    it("reports each kind once, renews once and sweeps once", async () => {
      const { doubt, log } = start();
      doubt.raise("canary_missed", "late");
      doubt.raise("canary_missed", "late again");
      doubt.raise("hint_burst", null, 7);
      expect(log).toEqual(["report canary_missed late null", "report hint_burst null 7"]);
      await vi.advanceTimersByTimeAsync(500);
      expect(log.slice(2)).toEqual(["renew", "sweep"]);
    });
  });

  describe("when places that are not looked at to their end come close together", () => {
    it("reports each: one does not stand for another", () => {
      const { doubt, log } = start();
      doubt.raise("sweep_limit", "/one");
      doubt.raise("sweep_limit", "/two");
      expect(log).toEqual(["report sweep_limit /one null", "report sweep_limit /two null"]);
    });
  });

  describe("when the same comes again after its sweep", () => {
    it("is a doubt again", async () => {
      const { doubt, log } = start();
      doubt.raise("canary_missed", "1");
      await vi.advanceTimersByTimeAsync(500);
      doubt.raise("canary_missed", "2");
      await vi.advanceTimersByTimeAsync(500);
      expect(log.filter((line) => line === "sweep")).toHaveLength(2);
    });
  });

  describe("when what was told lasts", () => {
    it("is swept for again, and not told again", async () => {
      const { doubt, log } = start();
      doubt.raise("pending_overflow", "full");
      await vi.advanceTimersByTimeAsync(500);
      doubt.again("pending_overflow");
      doubt.again("pending_overflow");
      await vi.advanceTimersByTimeAsync(500);
      expect(log).toEqual(["report pending_overflow full null", "sweep", "sweep"]);
    });
  });

  describe("when a doubt comes while the watchers are made again", () => {
    it("is answered after that, by a renewal and a sweep of its own", async () => {
      const log: string[] = [];
      const renewals: (() => void)[] = [];
      const doubt = createDoubt(500, {
        report: () => undefined,
        renew: () => {
          log.push("renew");
          return new Promise((resolve) => renewals.push(resolve));
        },
        sweep: () => void log.push("sweep"),
      });
      doubt.raise("hint_burst", null);
      await vi.advanceTimersByTimeAsync(500);
      doubt.raise("hint_burst", null);
      await vi.advanceTimersByTimeAsync(5000);
      expect(log).toEqual(["renew"]);
      renewals.shift()?.();
      await vi.advanceTimersByTimeAsync(500);
      expect(log).toEqual(["renew", "sweep", "renew"]);
      renewals.shift()?.();
      await vi.advanceTimersByTimeAsync(0);
      expect(log).toEqual(["renew", "sweep", "renew", "sweep"]);
    });
  });

  describe("when the watchers are not in question", () => {
    it.each(["new_directory", "pending_overflow", "watches_exhausted"] as const)(
      "sweeps and does not renew: %s",
      async (reason) => {
        const { doubt, log } = start();
        doubt.raise(reason, null);
        await vi.advanceTimersByTimeAsync(500);
        expect(log.slice(1)).toEqual(["sweep"]);
      },
    );
  });

  describe("when no sweep can answer", () => {
    it.each(["polling", "sweep_limit"] as const)("only reports: %s", async (reason) => {
      const { doubt, log } = start();
      doubt.raise(reason, null);
      await vi.advanceTimersByTimeAsync(500);
      expect(log).toHaveLength(1);
    });
  });

  describe("when the watchers cannot be made again", () => {
    it("sweeps all the same", async () => {
      const log: string[] = [];
      const doubt = createDoubt(1, {
        report: () => undefined,
        renew: () => Promise.reject(new Error("no watches")),
        sweep: () => void log.push("sweep"),
      });
      doubt.raise("canary_missed", null);
      await vi.advanceTimersByTimeAsync(1);
      expect(log).toEqual(["sweep"]);
    });
  });

  describe("when it is closed", () => {
    it("answers nothing, and takes no more", async () => {
      const { doubt, log } = start();
      doubt.raise("canary_missed", null);
      doubt.close();
      doubt.raise("hint_burst", null);
      await vi.advanceTimersByTimeAsync(5000);
      expect(log).toEqual(["report canary_missed null null"]);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
