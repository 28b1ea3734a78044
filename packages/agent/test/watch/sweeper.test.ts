import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Root } from "@sigil/core";
import { fakeClock } from "@sigil/testkit";
import type { Plan } from "../../src/policy/plan.ts";
import type { SweepClient } from "../../src/sweep/client.ts";
import type { Finding, OnFindings, SweepTotals } from "../../src/sweep/finding.ts";
import { findingsOf, type PlainRows } from "../../src/sweep/rows.ts";
import {
  baselineOf,
  createSweeper,
  type SweepDone,
  type SweeperPorts,
} from "../../src/watch/sweeper.ts";
import { planOf, root, rowsOf } from "../build.ts";

const TOTALS: SweepTotals = {
  entries: 1,
  directories: 1,
  hashedBytes: 0,
  truncated: [],
  aborted: false,
};

const roots: readonly Root[] = [
  root({ base: "/tree", tier: "standard", recursive: true, targetId: "tree" }),
  root({ base: "/standard", tier: "standard", targetId: "standard" }),
  root({ base: "/critical", targetId: "critical" }),
];

interface Call {
  readonly roots: readonly number[];
  readonly first: readonly number[];
  readonly take: OnFindings;
  readonly strays: boolean;
  readonly end: (totals: SweepTotals) => void;
  readonly fail: (error: Error) => void;
}

/** A sweeper over a client whose sweeps end when the test says so. */
function start(given: Partial<SweeperPorts> = {}) {
  const calls: Call[] = [];
  const done: SweepDone[] = [];
  const failed: string[] = [];
  const found: [readonly Finding[], string][] = [];
  const clock = fakeClock(0);
  let plan: Plan = planOf(roots);
  let aborts = 0;
  const client = {
    sweep: (of: readonly number[], first: readonly number[], take: OnFindings, strays: boolean) =>
      new Promise<SweepTotals>((end, fail) =>
        calls.push({ roots: of, first, take, strays, end, fail }),
      ),
    abort: () => (aborts += 1),
  } as unknown as SweepClient;
  const sweeper = createSweeper({
    client,
    plan: () => plan,
    isBaselined: (of) => of.targetId === "standard",
    onFindings: async (findings, _rows, reason) => void found.push([findings, reason]),
    onDone: async (of) => void done.push(of),
    onFailed: (message) => void failed.push(message),
    monotonic: clock.now,
    pollPercent: 100,
    doubtPercent: 100,
    ...given,
  });
  return {
    sweeper,
    calls,
    done,
    failed,
    found,
    clock,
    aborts: () => aborts,
    replace: (next: Plan) => (plan = next),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("createSweeper", () => {
  describe("when a sweep is asked for", () => {
    it("walks critical roots first and large trees last, and names those without a baseline", async () => {
      const { sweeper, calls, done, clock } = start();
      sweeper.request("start");
      expect(sweeper.running).toBe("start");
      expect(calls[0]).toMatchObject({ roots: [2, 1, 0], first: [0, 2] });
      expect(sweeper.lastFinished).toBeNull();
      clock.advance(40);
      calls[0]?.end({ ...TOTALS, truncated: [0] });
      await sweeper.idle();
      expect(done).toEqual([
        {
          reason: "start",
          part: "all",
          roots: [roots[2], roots[1], roots[0]],
          truncated: [roots[0]],
          totals: { ...TOTALS, truncated: [0] },
          durationMs: 40,
        },
      ]);
      expect(sweeper.lastFinished).toBe(40);
      expect(sweeper.running).toBeNull();
    });

    it("hands on what is found with the reason", async () => {
      const { sweeper, calls, found } = start();
      sweeper.request("interval");
      const findings: Finding[] = [{ kind: "gone", path: "/x" }];
      await calls[0]?.take(findings, null);
      expect(found).toEqual([[findings, "interval"]]);
    });

    it("hands on plain rows as they are only while the plan is the one they were read under", async () => {
      const taken: (readonly [readonly Finding[], PlainRows | null])[] = [];
      const onFindings = async (findings: readonly Finding[], rows: PlainRows | null) =>
        void taken.push([findings, rows]);
      const { sweeper, calls, replace } = start({ onFindings });
      sweeper.request("start");
      const rows = rowsOf("/tree/f");
      await calls[0]?.take([], rows);
      expect(taken).toEqual([[[], rows]]);
      replace(planOf(roots));
      await calls[0]?.take([], rows);
      expect(taken[1]).toEqual([findingsOf(rows), null]);
    });
  });

  describe("when only one tier is asked for", () => {
    it("walks its roots, and does not count as a whole sweep", async () => {
      const { sweeper, calls } = start();
      sweeper.request("poll", "critical");
      expect(calls[0]?.roots).toEqual([2]);
      calls[0]?.end(TOTALS);
      await sweeper.idle();
      sweeper.request("poll", "standard");
      expect(calls[1]?.roots).toEqual([0, 1]);
      calls[1]?.end(TOTALS);
      await sweeper.idle();
      expect(sweeper.lastFinished).toBeNull();
    });
  });

  describe("when there is always one more to come", () => {
    it("is past the first one after the first whole one, whatever else was asked for", async () => {
      const { sweeper, calls } = start();
      let past = false;
      const first = async () => {
        await sweeper.first();
        past = true;
      };
      sweeper.request("poll", "critical");
      const waiting = first();
      for (let round = 0; round < 3; round += 1) {
        sweeper.request("doubt");
        expect(past).toBe(round > 1);
        calls[round]?.end(TOTALS);
        for (let turns = 0; turns < 3; turns += 1) await turn();
      }
      await waiting;
      expect(sweeper.running).toBe("doubt");
      calls[3]?.end(TOTALS);
      await sweeper.idle();
    });

    it("is past the first one too when nothing is asked for, or the only one failed", async () => {
      const { sweeper, calls, failed } = start();
      await sweeper.first();
      sweeper.request("start");
      calls[0]?.fail(new Error("no"));
      await sweeper.first();
      expect(failed).toHaveLength(1);
    });
  });

  describe("when more are asked for while one runs", () => {
    it("runs one more, with the strongest reason and over all that was meant", async () => {
      const { sweeper, calls, done } = start();
      sweeper.request("start");
      sweeper.request("poll", "critical");
      sweeper.request("doubt");
      sweeper.request("interval");
      sweeper.request("poll", "standard");
      expect(calls).toHaveLength(1);
      calls[0]?.end(TOTALS);
      await turn();
      expect(calls).toHaveLength(2);
      expect(calls[1]?.roots).toHaveLength(3);
      calls[1]?.end(TOTALS);
      await sweeper.idle();
      expect(done.map(({ reason }) => reason)).toEqual(["start", "doubt"]);
      expect(calls).toHaveLength(2);
    });

    it("stays with a tier that all of them meant, and means all when they differ", async () => {
      const { sweeper, calls } = start();
      sweeper.request("start");
      sweeper.request("poll", "critical");
      sweeper.request("poll", "critical");
      calls[0]?.end(TOTALS);
      await turn();
      expect(calls[1]?.roots).toEqual([2]);
      sweeper.request("poll", "critical");
      sweeper.request("poll", "standard");
      calls[1]?.end(TOTALS);
      await turn();
      expect(calls[2]?.roots).toHaveLength(3);
    });
  });

  describe("when each sweep gives reason for the next", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());
    const growing = () => start({ monotonic: () => performance.now(), doubtPercent: 25 });

    it("sweeps what is critical at once, and the rest in its share of the time", async () => {
      const { sweeper, calls } = growing();
      sweeper.request("doubt");
      expect(calls[0]?.roots).toEqual([2, 1, 0]);
      // One that comes during a sweep is no more urgent than one that comes after it.
      sweeper.request("doubt");
      await vi.advanceTimersByTimeAsync(1000);
      calls[0]?.end(TOTALS);
      await vi.advanceTimersByTimeAsync(0);
      expect(calls[1]?.roots).toEqual([2]);
      calls[1]?.end(TOTALS);
      await vi.advanceTimersByTimeAsync(1000);
      sweeper.request("doubt");
      expect(calls[2]?.roots).toEqual([2]);
      calls[2]?.end(TOTALS);
      await vi.advanceTimersByTimeAsync(1999);
      expect(calls).toHaveLength(3);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls[3]?.roots).toEqual([0, 1]);
    });

    it("does not let the first doubt wait for what other sweeps took", async () => {
      const { sweeper, calls } = growing();
      sweeper.request("start");
      await vi.advanceTimersByTimeAsync(60_000);
      calls[0]?.end(TOTALS);
      await vi.advanceTimersByTimeAsync(0);
      sweeper.request("doubt");
      expect(calls[1]?.roots).toEqual([2, 1, 0]);
    });
  });

  describe("when a sweep fails", () => {
    it("says so, and runs the next", async () => {
      const { sweeper, calls, failed, done } = start();
      sweeper.request("start");
      sweeper.request("interval");
      calls[0]?.fail(new Error("the sweep thread ended"));
      await turn();
      expect(failed).toEqual(["the sweep thread ended"]);
      calls[1]?.end(TOTALS);
      await sweeper.idle();
      expect(done).toHaveLength(1);
    });
  });

  describe("when a sweep is not of the plan in force, or not whole", () => {
    it("is not done: no root of it counts as seen", async () => {
      const { sweeper, calls, done, replace } = start();
      sweeper.request("start");
      replace(planOf(roots));
      calls[0]?.end(TOTALS);
      await sweeper.idle();
      sweeper.request("start");
      calls[1]?.end({ ...TOTALS, aborted: true });
      await sweeper.idle();
      expect(done).toEqual([]);
      expect(sweeper.lastFinished).toBeNull();
    });
  });

  describe("when the plan is new", () => {
    it("looks for stored paths that it does not mean, in the first whole sweep that goes through", async () => {
      const { sweeper, calls, replace } = start();
      const sweep = async (end: Partial<SweepTotals>, which?: "critical") => {
        sweeper.request("policy", which);
        const call = calls.at(-1);
        call?.end({ ...TOTALS, ...end });
        await sweeper.idle();
        return call?.strays;
      };
      expect(await sweep({}, "critical")).toBe(false);
      expect(await sweep({ aborted: true })).toBe(true);
      expect(await sweep({})).toBe(true);
      expect(await sweep({})).toBe(false);
      replace(planOf(roots));
      expect(await sweep({})).toBe(true);
    });
  });

  describe("when it is closed", () => {
    it("tells the running one to stop, and runs no other", async () => {
      const { sweeper, calls, failed, done, aborts } = start();
      sweeper.request("start");
      sweeper.request("interval");
      sweeper.close();
      expect(aborts()).toBe(1);
      calls[0]?.fail(new Error("closing"));
      await sweeper.idle();
      sweeper.request("doubt");
      expect(calls).toHaveLength(1);
      expect(failed).toEqual([]);
      expect(done).toEqual([]);
    });
  });
});

describe("baselineOf", () => {
  describe("when two roots of a target differ in their place", () => {
    it("names them apart", () => {
      const [one, two] = [root({ base: "/a" }), root({ base: "/b" })].map(baselineOf);
      expect(one?.targetId).toBe("t");
      expect(one?.rootId).not.toBe(two?.rootId);
    });
  });
});
