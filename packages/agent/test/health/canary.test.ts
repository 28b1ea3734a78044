import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { createCanary, type Canary } from "../../src/health/canary.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
let canary: Canary;
let missed: string[];
beforeEach(() => {
  dir = tempDir();
  missed = [];
});
afterEach(() => {
  canary.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
  dir.remove();
});

function start(timeoutMs: number): void {
  canary = createCanary(dir.at("canary"), timeoutMs, {
    onMissed: (detail) => void missed.push(detail),
  });
}

describe("createCanary", () => {
  describe("when its write is noticed", () => {
    it("is satisfied, and beats again", async () => {
      start(10_000);
      canary.beat();
      expect(fs.readFileSync(dir.at("canary/pulse"), "utf8")).toBe("1\n");
      await eventually(() => {
        canary.beat();
        return fs.readFileSync(dir.at("canary/pulse"), "utf8") === "2\n";
      });
      expect(missed).toEqual([]);
      expect(fs.statSync(dir.at("canary/pulse")).mode & 0o777).toBe(0o640 & ~process.umask());
    });
  });

  describe("when its write is not noticed", () => {
    it("says so once, and sets up another watcher for the next", () => {
      vi.useFakeTimers();
      vi.mocked(fs.watch).mockImplementation((() => {
        const silent = { close: vi.fn(), on: () => silent };
        return silent;
      }) as unknown as typeof fs.watch);
      start(5000);
      canary.beat();
      canary.beat();
      vi.advanceTimersByTime(4999);
      expect(missed).toEqual([]);
      vi.advanceTimersByTime(60_000);
      expect(missed).toEqual(["no hint within 5000 ms"]);
      canary.beat();
      expect(fs.watch).toHaveBeenCalledTimes(2);
    });
  });

  describe("when it cannot be written", () => {
    it("says so once, not again when the time is up", () => {
      vi.useFakeTimers();
      dir.mkdir("canary/pulse");
      start(5000);
      canary.beat();
      vi.advanceTimersByTime(60_000);
      expect(missed).toHaveLength(1);
      expect(missed[0]).toContain("EISDIR");
    });
  });

  describe("when its watcher breaks", () => {
    it("says so once, not again when the time is up", () => {
      vi.useFakeTimers();
      let broken: ((error: Error) => void) | undefined;
      vi.mocked(fs.watch).mockImplementation((() => {
        const silent = {
          close: vi.fn(),
          on(_event: string, listener: (error: Error) => void) {
            broken = listener;
            return silent;
          },
        };
        return silent;
      }) as unknown as typeof fs.watch);
      start(5000);
      canary.beat();
      broken?.(new Error("gone"));
      vi.advanceTimersByTime(60_000);
      expect(missed).toEqual(["the canary's watcher failed"]);
    });
  });

  describe("when it is closed", () => {
    it("is silent", () => {
      vi.useFakeTimers();

      start(5000);
      canary.beat();
      canary.close();
      vi.advanceTimersByTime(60_000);
      expect(missed).toEqual([]);
    });
  });
});
