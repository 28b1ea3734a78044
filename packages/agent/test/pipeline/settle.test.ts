import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMatcher, type SettledPath, type Settings } from "@sigil/core";
import { createSettle, type SettlePorts } from "../../src/pipeline/settle.ts";
import { root, settings } from "../build.ts";

const matcher = createMatcher(
  [
    root({ base: "/c", recursive: true }),
    root({ base: "/s", recursive: true, tier: "standard", targetId: "standard" }),
  ],
  "linux",
);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(given: Parameters<typeof settings>[0] = {}, ports: Partial<SettlePorts> = {}) {
  const ready: SettledPath[] = [];
  const passes: string[][] = [];
  const of: Settings = settings(given);
  const settle = createSettle(() => matcher, of, {
    monotonic: () => performance.now(),
    onReady(paths) {
      ready.push(...paths);
      passes.push(paths.map(({ path }) => path));
    },
    beside: () => 0,
    onOverflow: vi.fn(),
    onLimited: vi.fn(),
    ...ports,
  });
  return { settle, ready, passes };
}

describe("createSettle", () => {
  describe("when a path is hinted", () => {
    it("waits until it is quiet, a critical one less long", () => {
      const { settle, ready } = start();
      settle.hint("/s/a", "watch");
      settle.hint("/c/a", "watch");
      vi.advanceTimersByTime(20);
      expect(ready).toEqual([]);
      vi.advanceTimersByTime(30);
      expect(ready.map(({ path }) => path)).toEqual(["/c/a"]);
      vi.advanceTimersByTime(60);
      expect(ready.map(({ path }) => path)).toEqual(["/c/a", "/s/a"]);
      expect(settle.size).toBe(0);
    });

    it("does not take what no target means", () => {
      const { settle } = start();
      settle.hint("/other", "watch");
      expect(settle.size).toBe(0);
    });

    it("folds the hints of one save, and counts two saves as two bursts", () => {
      const { settle, ready } = start();
      settle.hint("/c/a", "watch");
      settle.hint("/c/a", "watch");
      vi.advanceTimersByTime(30);
      settle.hint("/c/a", "sweep");
      vi.advanceTimersByTime(60);
      expect(ready).toMatchObject([{ hints: 3, bursts: 2, found: false }]);
    });

    it("lets one that is never quiet go in time", () => {
      const { settle, ready } = start();
      for (let at = 0; at < 300; at += 10) {
        settle.hint("/c/a", "watch");
        vi.advanceTimersByTime(10);
      }
      expect(ready).toHaveLength(1);
      settle.close();
    });
  });

  describe("when two paths are due at nearly the same time", () => {
    it("lets them go together, so that a rename is one pass", () => {
      const { settle, passes } = start();
      settle.hint("/c/old", "watch");
      vi.advanceTimersByTime(6);
      settle.hint("/c/new", "watch");
      vi.advanceTimersByTime(100);
      expect(passes).toEqual([["/c/old", "/c/new"]]);
    });
  });

  describe("when a path comes more often than its limit", () => {
    it("is folded, not dropped: its last state comes out within the fold time", () => {
      const onLimited = vi.fn();
      const given = { rate: { path_per_minute: 1, fold_max_ms: 5000 } };
      const { settle, ready } = start(given, { onLimited });
      settle.hint("/s/a", "watch");
      vi.advanceTimersByTime(200);
      expect(ready).toHaveLength(1);
      settle.hint("/s/a", "watch");
      vi.advanceTimersByTime(1000);
      settle.hint("/s/a", "watch");
      vi.advanceTimersByTime(3000);
      expect(ready).toHaveLength(1);
      expect(onLimited).toHaveBeenCalledWith("path", "/s/a", 1);
      vi.advanceTimersByTime(2000);
      expect(ready).toHaveLength(2);
      expect(ready[1]?.hints).toBe(2);
      expect(ready[1]?.bursts).toBeGreaterThanOrEqual(2);
    });

    it("holds a critical path by its own limit only, never by its target's", () => {
      const given = { rate: { target_per_minute: 1, critical_path_per_minute: 1 } };
      const { settle, ready } = start(given);
      for (const name of ["a", "b", "c"]) settle.hint(`/c/${name}`, "watch");
      vi.advanceTimersByTime(200);
      expect(ready).toHaveLength(3);
      settle.hint("/c/a", "watch");
      vi.advanceTimersByTime(200);
      expect(ready).toHaveLength(3);
      settle.close();
    });
  });

  describe("when a target comes more often than its limit", () => {
    it("holds its paths back, and every one of them comes out", () => {
      const onLimited = vi.fn();
      const given = { rate: { target_per_minute: 2, fold_max_ms: 1000 } };
      const { settle, ready } = start(given, { onLimited });
      for (const name of ["a", "b", "c", "d"]) settle.hint(`/s/${name}`, "watch");
      vi.advanceTimersByTime(200);
      expect(ready).toHaveLength(2);
      expect(onLimited).toHaveBeenCalledWith("target", "/s/c", 2);
      vi.advanceTimersByTime(2000);
      expect(ready.map(({ path }) => path).toSorted()).toEqual(["/s/a", "/s/b", "/s/c", "/s/d"]);
    });
  });

  describe("when a target comes far more often than its limit", () => {
    it("does not look at all that wait whenever one may go", () => {
      const onLimited = vi.fn();
      const given = { rate: { target_per_minute: 600, path_per_minute: 600, fold_max_ms: 60_000 } };
      const { settle, ready } = start(given, { onLimited });
      for (let index = 0; index < 800; index += 1) settle.hint(`/s/${index}`, "watch");
      vi.advanceTimersByTime(200);
      expect(ready.length - 600).toBeLessThanOrEqual(2);
      vi.advanceTimersByTime(10_000);
      expect(ready.length).toBeGreaterThanOrEqual(699);
      expect(ready.length).toBeLessThanOrEqual(702);
      vi.advanceTimersByTime(11_000);
      expect(ready).toHaveLength(800);
      expect(onLimited).toHaveBeenCalledTimes(200);
      expect(onLimited.mock.calls.every(([limit]) => limit === "target")).toBe(true);
    });
  });

  describe("when it is a path's turn to be read again", () => {
    it("lets it go at once, and counts it against no limit", () => {
      const onLimited = vi.fn();
      const given = { rate: { target_per_minute: 1, path_per_minute: 1 } };
      const { settle, ready } = start(given, { onLimited });
      for (const name of ["a", "b", "a"]) settle.recheck(`/s/${name}`);
      expect(ready.map(({ path, found }) => [path, found])).toEqual([
        ["/s/a", true],
        ["/s/b", true],
        ["/s/a", true],
      ]);
      settle.hint("/s/a", "watch");
      vi.advanceTimersByTime(200);
      expect(ready).toHaveLength(4);
      expect(onLimited).not.toHaveBeenCalled();
    });
    it("leaves it to its hint when it has one, and what nothing means any more alone", () => {
      const { settle, ready } = start();
      settle.hint("/s/a", "watch");
      settle.recheck("/s/a");
      settle.recheck("/nowhere");
      expect(ready).toEqual([]);
      vi.advanceTimersByTime(200);
      expect(ready.map(({ path, found }) => [path, found])).toEqual([["/s/a", false]]);
    });
  });

  describe("when too many paths wait", () => {
    it("says so of the one that is not taken", () => {
      const onOverflow = vi.fn();
      const { settle } = start({ settle: { max_pending: 2 } }, { onOverflow });
      for (const name of ["a", "b", "c", "a"]) settle.hint(`/s/${name}`, "watch");
      expect(onOverflow.mock.calls).toEqual([["/s/c"]]);
      settle.close();
    });

    it("counts those that it has let go and that are not in the spool yet", () => {
      const onOverflow = vi.fn();
      const gone: string[] = [];
      const { settle } = start(
        { settle: { max_pending: 2 } },
        {
          onOverflow,
          onReady: (paths) => void gone.push(...paths.map(({ path }) => path)),
          beside: () => gone.length,
        },
      );
      for (const name of ["a", "b"]) settle.hint(`/c/${name}`, "sweep");
      vi.advanceTimersByTime(1000);
      expect(settle.size).toBe(0);
      settle.hint("/c/c", "sweep");
      expect(onOverflow.mock.calls).toEqual([["/c/c"]]);
      gone.pop();
      settle.hint("/c/c", "sweep");
      expect(settle.size).toBe(1);
      settle.close();
    });
  });

  describe("when a path is put back", () => {
    it("comes out after the delay with its counts", () => {
      const { settle, ready } = start();
      const path: SettledPath = {
        path: "/c/a",
        tier: "critical",
        found: true,
        hints: 4,
        bursts: 2,
        since: performance.now(),
      };
      settle.hold(path, 500);
      vi.advanceTimersByTime(480);
      expect(ready).toEqual([]);
      vi.advanceTimersByTime(40);
      expect(ready).toMatchObject([{ path: "/c/a", found: true, hints: 4, bursts: 2 }]);
    });
  });

  describe("when it is flushed", () => {
    it("lets everything go at once", () => {
      const { settle, ready } = start();
      settle.hint("/s/a", "watch");
      settle.flush();
      expect(ready).toHaveLength(1);
      expect(settle.size).toBe(0);
    });
  });

  describe("when it is closed", () => {
    it("lets nothing go any more, also what is put back or hinted after", () => {
      const { settle, ready } = start();
      settle.hint("/s/a", "watch");
      settle.close();
      settle.hint("/s/b", "watch");
      const path = {
        path: "/c/a",
        tier: "critical",
        found: false,
        hints: 1,
        bursts: 1,
        since: 0,
      } as const;
      settle.hold(path, 1);
      vi.advanceTimersByTime(100_000);
      expect(ready).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
