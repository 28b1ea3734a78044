import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyParts,
  mergeHoles,
  partsOf,
  receivedBefore,
  type Gap,
  type Hole,
} from "../../src/store/gaps.ts";

type Cell = "received" | Gap["reason"];
type Batch = { readonly first: number; readonly cells: readonly (Hole["reason"] | null)[] };

const batch: fc.Arbitrary<Batch> = fc.record({
  first: fc.integer({ min: 1, max: 30 }),
  cells: fc.array(
    fc.constantFrom<Hole["reason"] | null>(null, null, null, "evicted", "missing", "quarantined"),
    { minLength: 1, maxLength: 12 },
  ),
});

/** Every sequence by itself: the obvious, slow way. */
function model(cells: Map<number, Cell>, highest: number, { first, cells: said }: Batch): number {
  for (let at = highest + 1; at < first; at += 1) cells.set(at, "missing_batch");
  for (const [index, reason] of said.entries()) {
    const before = cells.get(first + index);
    if (reason === null) cells.set(first + index, "received");
    else if (before === undefined || before === "missing_batch") cells.set(first + index, reason);
  }
  return Math.max(highest, first + said.length - 1);
}

function holesOf({ first, cells }: Batch): Hole[] {
  return cells.flatMap((reason, index) =>
    reason === null ? [] : [{ from: first + index, to: first + index, reason }],
  );
}

function spread(gaps: readonly Gap[]): Map<number, Cell> {
  const cells = new Map<number, Cell>();
  for (const { from, to, reason } of gaps)
    for (let at = from; at <= to; at += 1) cells.set(at, reason);
  return cells;
}

describe("the gaps of a spool", () => {
  describe("when batches come in any order, overlap and leave things out", () => {
    it("are what a look at every sequence by itself would find", () => {
      fc.assert(
        fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
          const cells = new Map<number, Cell>();
          let highest = 0;
          let gaps: Gap[] = [];
          for (const next of batches) {
            const before = receivedBefore(highest, gaps);
            for (const [index] of next.cells.entries()) {
              const at = next.first + index;
              expect(before(at)).toBe(cells.get(at) === "received");
            }
            const last = next.first + next.cells.length - 1;
            gaps = applyParts(highest, gaps, partsOf(next.first, last, holesOf(next)), 0);
            highest = model(cells, highest, next);
            const expected = [...cells].filter(([, cell]) => cell !== "received");
            expect([...spread(gaps)].sort(byNumber)).toEqual(expected.sort(byNumber));
            expectApart(gaps);
          }
        }),
        { numRuns: 300 },
      );
    });
  });

  describe("when single sequences are refused", () => {
    it("stand among the holes in order", () => {
      const holes = mergeHoles([{ from: 3, to: 5, reason: "evicted" }], [9, 1]);
      expect(holes.map(({ from, to }) => [from, to])).toEqual([
        [1, 1],
        [3, 5],
        [9, 9],
      ]);
    });
  });
});

function byNumber(a: readonly [number, unknown], b: readonly [number, unknown]): number {
  return a[0] - b[0];
}

/** In order, and neighbors of one reason are one gap. */
function expectApart(gaps: readonly Gap[]): void {
  for (const [index, gap] of gaps.entries()) {
    expect(gap.from).toBeLessThanOrEqual(gap.to);
    const next = gaps[index + 1];
    if (next) expect(next.from).toBeGreaterThan(gap.to + (next.reason === gap.reason ? 1 : 0));
  }
}
