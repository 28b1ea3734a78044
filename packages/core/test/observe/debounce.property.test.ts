import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDebounce, DEFAULT_SETTINGS, type HintSource, type Tier } from "../../src/index.ts";

const SETTLE = {
  ...DEFAULT_SETTINGS.settle,
  critical_debounce_ms: 20,
  standard_debounce_ms: 50,
  critical_max_wait_ms: 90,
  standard_max_wait_ms: 200,
  burst_ms: 10,
};
const SLOT_MS = 4;
const path = fc.constantFrom("/a", "/b", "/c", "\0/\xff");
const tier = fc.constantFrom<Tier>("critical", "standard");
const source = fc.constantFrom<HintSource>("watch", "sweep");
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("push" as const), path, tier, source }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("take" as const), hold: fc.option(fc.nat(300)) }),
  },
);
const run = fc.array(fc.record({ after: fc.nat(60), step }), { maxLength: 120 });

interface Due {
  hints: number;
  critical: boolean;
  noticed: boolean;
  since: number;
  hold: number;
}

describe("createDebounce, for any run of hints, takings and holdings", () => {
  it("gives out every path accepted, with all its hints, its highest tier and who noticed it", () => {
    fc.assert(
      fc.property(run, fc.integer({ min: 1, max: 4 }), (steps, max) => {
        const table = createDebounce({ ...SETTLE, max_pending: max });
        const due = new Map<string, Due>();
        let now = 0;
        const takeAll = (hold: number | null) => {
          for (const settled of table.take(now)) {
            const expected = due.get(settled.path);
            expect(settled).toMatchObject({
              tier: expected?.critical === true ? "critical" : "standard",
              found: expected?.noticed === false,
              hints: expected?.hints,
              since: expected?.since,
            });
            expect(settled.bursts).toBeGreaterThanOrEqual(1);
            expect(settled.bursts).toBeLessThanOrEqual(settled.hints);
            expect(now).toBeGreaterThanOrEqual(expected?.hold ?? 0);
            if (hold === null) due.delete(settled.path);
            else {
              table.hold(settled, now + hold, now);
              if (expected) expected.hold = now + hold;
            }
          }
        };
        for (const { after, step: one } of steps) {
          now += after;
          if (one.do === "take") takeAll(one.hold);
          else {
            const before = due.get(one.path);
            const accepted = table.push(one, now);
            expect(accepted).toBe(before !== undefined || due.size < max);
            if (!accepted) continue;
            due.set(one.path, {
              hints: (before?.hints ?? 0) + 1,
              critical: before?.critical === true || one.tier === "critical",
              noticed: before?.noticed === true || one.source !== "sweep",
              since: before?.since ?? now,
              hold: before?.hold ?? 0,
            });
          }
          expect(table.size).toBe(due.size);
        }
        now += 100_000;
        takeAll(null);
        expect([...due.keys()]).toEqual([]);
        expect([table.size, table.next()]).toEqual([0, null]);
      }),
    );
  });

  it("gives a path out by its longest wait, or at the moment it is held to, if asked when next() says", () => {
    fc.assert(
      fc.property(run, (steps) => {
        const table = createDebounce(SETTLE);
        const latest = new Map<string, number>();
        let now = 0;
        const advance = (to: number, hold: number | null) => {
          for (let next = table.next(); next !== null && next <= to; next = table.next()) {
            now = Math.max(now, next);
            for (const settled of table.take(now)) {
              expect(now).toBeLessThan((latest.get(settled.path) ?? 0) + SLOT_MS);
              latest.delete(settled.path);
              if (hold !== null) {
                table.hold(settled, now + hold + 1, now);
                latest.set(settled.path, Math.max(now + hold + 1, settled.since + 200));
                hold = null;
              }
            }
          }
          now = to;
        };
        for (const { after, step: one } of steps) {
          advance(now + after, one.do === "take" ? one.hold : null);
          if (one.do === "take") continue;
          const wait =
            one.tier === "critical" ? SETTLE.critical_max_wait_ms : SETTLE.standard_max_wait_ms;
          table.push(one, now);
          if (!latest.has(one.path)) latest.set(one.path, now + wait);
        }
        advance(now + 10_000, null);
        expect([...latest]).toEqual([]);
      }),
    );
  });
});
