import type { ReadBatch, ReadWant } from "@sigil/spool";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Waker } from "../src/ports.ts";
import { bytesOf, collect, halves, withheld, type Load } from "../src/read.ts";

const limits = { maxEvents: 10, maxBytes: 1000, maxAgeMs: 200, pollMs: 1000, idleMs: 60_000 };
const line = (sequence: number, size = 9) => ({ sequence, bytes: Buffer.alloc(size, 97) });

/** A spool that gives what it is told, then nothing. */
function sourceOf(...pieces: readonly (readonly [number, number])[]) {
  const asked: ReadWant[] = [];
  const left = [...pieces];
  let at = 0;
  const read = async (want: ReadWant = {}): Promise<ReadBatch> => {
    asked.push(want);
    const [first, last] = left.shift() ?? [at + 1, at];
    at = last;
    const lines = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => line(first + i));
    return { spool_id: "S", first, last, lines, gaps: [] };
  };
  return { source: { spoolId: "S", read }, asked };
}

function wakerOf(onWait: () => void = () => {}): Waker & { readonly waits: [string, number][] } {
  const waits: [string, number][] = [];
  return {
    waits,
    async wait(ms) {
      waits.push(["wait", ms]);
      onWait();
    },
    async settle(ms) {
      waits.push(["settle", ms]);
    },
    close() {},
  };
}

const live = () => new AbortController();

describe("collect", () => {
  describe("when a full load is there", () => {
    it("does not wait for more", async () => {
      const { source } = sourceOf([1, 10]);
      const waker = wakerOf();
      const load = await collect({ source, waker, limits, wait: true }, live().signal);
      expect(load).toMatchObject({ first: 1, last: 10 });
      expect(waker.waits).toEqual([]);
    });
  });

  describe("when a little is there", () => {
    it("gives more a while to come, within what is left of the limits", async () => {
      const { source, asked } = sourceOf([1, 3], [4, 5]);
      const waker = wakerOf();
      const load = await collect({ source, waker, limits, wait: true }, live().signal);
      expect(load).toMatchObject({ first: 1, last: 5 });
      expect(load?.lines.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
      expect(waker.waits).toEqual([["settle", 200]]);
      expect(asked[1]).toEqual({ maxLines: 7, maxBytes: 970 });
    });

    it("takes what there is when it is not to wait", async () => {
      const { source } = sourceOf([1, 3], [4, 5]);
      const waker = wakerOf();
      const load = await collect({ source, waker, limits, wait: false }, live().signal);
      expect(load).toMatchObject({ last: 3 });
      expect(waker.waits).toEqual([]);
    });
  });

  describe("when nothing is there", () => {
    it("says so and looks again when it is woken", async () => {
      const { source } = sourceOf([1, 0], [1, 0], [1, 10]);
      const waker = wakerOf();
      let empties = 0;
      const onEmpty = () => void (empties += 1);
      const load = await collect({ source, waker, limits, wait: true, onEmpty }, live().signal);
      expect(load).toMatchObject({ last: 10 });
      expect(empties).toBe(2);
      expect(waker.waits).toEqual([
        ["wait", 1000],
        ["wait", 1000],
      ]);
    });

    it("ends after the idle time, so that an idle receiver is asked what it still has", async () => {
      const { source, asked } = sourceOf();
      const waker = wakerOf();
      expect(await collect({ source, waker, limits, wait: true }, live().signal)).toBeNull();
      expect(waker.waits).toHaveLength(limits.idleMs / limits.pollMs);
      expect(asked).toHaveLength(limits.idleMs / limits.pollMs + 1);
    });

    it("ends when it is stopped", async () => {
      const { source } = sourceOf();
      const stop = live();
      const waker = wakerOf(() => stop.abort());
      expect(await collect({ source, waker, limits, wait: true }, stop.signal)).toBeNull();
    });

    it("ends at once when it is not to wait", async () => {
      const { source } = sourceOf();
      const waker = wakerOf();
      expect(await collect({ source, waker, limits, wait: false }, live().signal)).toBeNull();
    });
  });
});

/** Any load: each sequence a line or in a gap. */
const loads: fc.Arbitrary<Load> = fc
  .tuple(
    fc.integer({ min: 1, max: 1000 }),
    fc.array(fc.constantFrom("line", "evicted", "corrupt"), { minLength: 1, maxLength: 40 }),
  )
  .map(([first, kinds]) => {
    const at = kinds.map((kind, index) => ({ kind, sequence: first + index }));
    return {
      spoolId: "S",
      first,
      last: first + kinds.length - 1,
      lines: at.flatMap(({ kind, sequence }) => (kind === "line" ? [line(sequence)] : [])),
      gaps: at.flatMap(({ kind, sequence }) =>
        kind === "line" ? [] : [{ from: sequence, to: sequence, reason: kind as "evicted" }],
      ),
    };
  });

const covered = (load: Load) =>
  [
    ...load.lines.map(({ sequence }) => sequence),
    ...load.gaps.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    ),
  ].toSorted((a, b) => a - b);

describe("halves", () => {
  it("loses and doubles no sequence, and always makes progress", () => {
    fc.assert(
      fc.property(loads, (load) => {
        const two = halves(load);
        expect(two === null).toBe(load.lines.length < 2);
        if (two === null) return;
        const [one, other] = two;
        expect([...covered(one), ...covered(other)]).toEqual(covered(load));
        expect([one.first, one.last + 1, other.last]).toEqual([load.first, other.first, load.last]);
        expect(one.lines.length).toBeGreaterThan(0);
        expect(other.lines.length).toBeGreaterThan(0);
        expect(covered(one).every((at) => at <= one.last)).toBe(true);
      }),
    );
  });
});

describe("withheld", () => {
  it("turns lines into gaps, in order", () => {
    fc.assert(
      fc.property(loads, (load) => {
        const rest = withheld(load);
        expect(rest.lines).toEqual([]);
        expect(covered(rest)).toEqual(covered(load));
        expect(rest.gaps.map(({ from }) => from)).toEqual(covered(load));
      }),
    );
  });
});

describe("bytesOf", () => {
  it("counts newlines", () => {
    expect(bytesOf([line(1, 9), line(2, 4)])).toBe(15);
  });
});
