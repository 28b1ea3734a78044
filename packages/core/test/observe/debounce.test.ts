import { describe, expect, it } from "vitest";
import { createDebounce, DEFAULT_SETTINGS, type Hint, type SettledPath } from "../../src/index.ts";
import { hint } from "./build.ts";

const SETTLE = DEFAULT_SETTINGS.settle;
const make = (change = {}) => createDebounce({ ...SETTLE, ...change });
const paths = (settled: readonly SettledPath[]) => settled.map(({ path }) => path);

const settled = (change: Partial<SettledPath> = {}): SettledPath => ({
  path: "/a",
  tier: "standard",
  found: false,
  hints: 3,
  bursts: 2,
  since: 0,
  ...change,
});

describe("createDebounce", () => {
  describe("when a path gets one hint", () => {
    it("comes out once it was quiet, and once only", () => {
      const table = make();
      expect(table.push(hint("/a"), 1000)).toBe(true);
      expect(table.next()).toBe(1100);
      expect(table.take(1099)).toEqual([]);
      expect(table.take(1100)).toEqual([
        { path: "/a", tier: "standard", found: false, hints: 1, bursts: 1, since: 1000 },
      ]);
      expect(table.take(9999)).toEqual([]);
      expect([table.size, table.next()]).toEqual([0, null]);
    });
    it("waits less when critical", () => {
      const table = make();
      table.push(hint("/a", "critical"), 1000);
      expect(paths(table.take(1040))).toEqual(["/a"]);
    });
  });
  describe("when hints keep coming", () => {
    it("waits for quiet", () => {
      const table = make();
      table.push(hint("/a"), 0);
      table.push(hint("/a"), 80);
      expect(table.take(160)).toEqual([]);
      expect(table.take(180)).toMatchObject([{ hints: 2, bursts: 2, since: 0 }]);
    });
    it("counts hints close together as one burst", () => {
      const table = make();
      for (const now of [0, 15, 30, 46]) table.push(hint("/a"), now);
      expect(table.take(1000)).toMatchObject([{ hints: 4, bursts: 2 }]);
    });
    it.each([
      ["critical", 250],
      ["standard", 2000],
    ] as const)("lets a %s path out after its longest wait", (tier, wait) => {
      const table = make();
      let out: number | null = null;
      for (let now = 0; out === null && now < 2 * wait; now += 1) {
        table.push(hint("/a", tier), now);
        if (table.take(now).length > 0) out = now;
      }
      // Deadlines sit in slots of 4 ms.
      expect(out).toBe(Math.ceil(wait / 4) * 4);
    });
  });
  describe("when a path turns critical while it waits", () => {
    it("comes out on the shorter time", () => {
      const table = make();
      table.push(hint("/a"), 0);
      table.push(hint("/a", "critical"), 10);
      expect(table.next()).toBeLessThanOrEqual(52);
      expect(table.take(52)).toMatchObject([{ tier: "critical", hints: 2 }]);
    });
    it("does not turn standard again", () => {
      const table = make();
      table.push(hint("/a", "critical"), 0);
      table.push(hint("/a"), 1);
      expect(table.take(44)).toMatchObject([{ tier: "critical" }]);
    });
  });
  describe("when a sweep found it", () => {
    it("is found until anyone else notices it too", () => {
      const table = make();
      table.push(hint("/swept", "standard", "sweep"), 0);
      table.push(hint("/both", "standard", "sweep"), 0);
      table.push(hint("/both", "standard", "watch"), 1);
      table.push(hint("/both", "standard", "sweep"), 2);
      const found = Object.fromEntries(table.take(500).map((one) => [one.path, one.found]));
      expect(found).toEqual({ "/swept": true, "/both": false });
    });
  });
  describe("when the table is full", () => {
    it("says so for a new path and still takes hints of the ones it has", () => {
      const table = make({ max_pending: 1 });
      expect(table.push(hint("/a"), 0)).toBe(true);
      expect(table.push(hint("/b"), 0)).toBe(false);
      expect(table.push(hint("/a"), 1)).toBe(true);
      expect(table.size).toBe(1);
    });
    it("counts what was taken out and is still on its way", () => {
      const table = make({ max_pending: 2 });
      expect(table.push(hint("/a"), 0, 2)).toBe(false);
      expect(table.push(hint("/a"), 0, 1)).toBe(true);
      expect(table.push(hint("/b"), 0, 1)).toBe(false);
    });
    it("keeps room for critical paths, and for what a sweep found", () => {
      const table = make({ max_pending: 100 });
      const taken = (of: Partial<Hint>) => {
        let count = 0;
        while (table.push({ ...hint(`/${table.size}`), ...of }, 0)) count += 1;
        return count;
      };
      expect(taken({})).toBe(80);
      expect(taken({ source: "sweep" })).toBe(10);
      expect(taken({ tier: "critical" })).toBe(0);
      expect(taken({ tier: "critical", source: "sweep" })).toBe(10);
    });
  });
  describe("when several are due", () => {
    it("gives critical ones first", () => {
      const table = make();
      table.push(hint("/s"), 0);
      table.push(hint("/c", "critical"), 50);
      expect(paths(table.take(200))).toEqual(["/c", "/s"]);
    });
  });

  describe("hold", () => {
    it("keeps a path and its counts until the moment given", () => {
      const table = make();
      table.hold(settled(), 5000, 100);
      expect(table.take(4999)).toEqual([]);
      expect(table.next()).toBe(5000);
      expect(table.take(5000)).toEqual([settled()]);
    });
    it("adds what comes meanwhile without waiting longer", () => {
      const table = make();
      table.hold(settled({ found: true }), 5000, 100);
      table.push(hint("/a"), 4990);
      expect(table.take(5000)).toEqual([settled({ hints: 4, bursts: 3 })]);
    });
    it("adds to what came between take and hold, and keeps the higher tier", () => {
      const table = make();
      table.push(hint("/a", "critical", "sweep"), 90);
      table.hold(settled(), 5000, 100);
      expect(table.take(5000)).toEqual([settled({ tier: "critical", hints: 4, bursts: 3 })]);
      expect(table.size).toBe(0);
    });
    it("takes a path though the table is full: it was in it before", () => {
      const table = make({ max_pending: 1 });
      table.push(hint("/b"), 0);
      table.hold(settled(), 200, 100);
      expect(table.size).toBe(2);
    });
    it("lets go at once when the moment has passed", () => {
      const table = make();
      table.hold(settled({ since: -5000 }), 50, 100);
      expect(paths(table.take(100))).toEqual(["/a"]);
    });
  });
});
