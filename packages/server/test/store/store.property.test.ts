import type { BatchGap } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventStore } from "../../src/store/model.ts";
import { openStore } from "../../src/store/sqlite.ts";
import { admitted, storeOptions, ulid } from "../kit.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

/** One line of a batch: which event, with which bytes, or that it is gone. */
type Line = { readonly id: number; readonly bytes: number } | "gone";
type Step =
  | {
      readonly kind: "batch";
      readonly spool: number;
      readonly first: number;
      readonly lines: readonly Line[];
    }
  | { readonly kind: "again"; readonly index: number }
  | { readonly kind: "restart" };

const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ id: fc.nat(40), bytes: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant("gone" as const) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("batch" as const),
      spool: fc.nat(1),
      first: fc.integer({ min: 1, max: 15 }),
      lines: fc.array(line, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("again" as const), index: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

const idText = (id: number) => `019e0cea-42f1-7ef3-9a6a-${id.toString(16).padStart(12, "0")}`;
const batchOf = ({ first, lines }: Extract<Step, { kind: "batch" }>, spool: string) => {
  const gaps = lines.flatMap((one, index): BatchGap[] =>
    one === "gone" ? [{ from: first + index, to: first + index, reason: "evicted" }] : [],
  );
  const events = lines.flatMap((one) =>
    one === "gone" ? [] : [{ event_id: idText(one.id), bytes: one.bytes }],
  );
  return admitted({ spool, first, last: first + lines.length - 1, gaps }, events);
};

/** What a store must say, kept the obvious way. */
class Model {
  readonly events = new Map<string, number>();
  readonly order: string[] = [];
  readonly spools = new Map<
    string,
    { readonly received: Map<number, "line" | "gap">; forks: number; conflicts: number }
  >();

  take(spool: string, { first, lines }: Extract<Step, { kind: "batch" }>) {
    const known = this.spools.get(spool) ?? {
      received: new Map<number, "line" | "gap">(),
      forks: 0,
      conflicts: 0,
    };
    this.spools.set(spool, known);
    const before = new Map(known.received);
    const done = { accepted: 0, duplicate: 0, rejected: [] as number[] };
    for (const [index, one] of lines.entries()) {
      const sequence = first + index;
      if (one === "gone") {
        if (!known.received.has(sequence)) known.received.set(sequence, "gap");
        continue;
      }
      const id = idText(one.id);
      const bytes = this.events.get(id);
      if (bytes !== undefined && bytes !== one.bytes) {
        done.rejected.push(sequence);
        known.conflicts += 1;
        if (!known.received.has(sequence)) known.received.set(sequence, "gap");
        continue;
      }
      if (bytes === undefined) {
        done.accepted += 1;
        this.events.set(id, one.bytes);
        this.order.push(id);
        if (before.get(sequence) === "line") known.forks += 1;
      } else done.duplicate += 1;
      known.received.set(sequence, "line");
    }
    return done;
  }

  highWater(spool: string): number {
    const received = this.spools.get(spool)?.received;
    let at = 0;
    while (received?.has(at + 1) === true) at += 1;
    return at;
  }
}

describe("the store", () => {
  describe("when batches come in any order, again, forked and forged, and it restarts", () => {
    it("holds every event once and accounts for every sequence", async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          run += 1;
          dir.mkdir(String(run));
          const open = () => openStore(storeOptions(dir.at(String(run), "server.db")));
          const world = { model: new Model(), spools: [ulid(), ulid()] as const };
          let store = open();
          const batches: Extract<Step, { kind: "batch" }>[] = [];
          for (const one of steps) {
            if (one.kind === "restart") {
              await store.close();
              store = open();
              continue;
            }
            const batch =
              one.kind === "batch" ? one : batches[one.index % Math.max(1, batches.length)];
            if (!batch) continue;
            batches.push(batch);
            await takeBoth(store, world, batch);
          }
          await expectEqual(store, world.model);
          await store.close();
        }),
        { numRuns: 40 },
      );
    });
  });
});

type World = { readonly model: Model; readonly spools: readonly [string, string] };

async function takeBoth(
  store: EventStore,
  { model, spools }: World,
  batch: Extract<Step, { kind: "batch" }>,
) {
  const spool = spools[batch.spool] ?? spools[0];
  const commit = await store.commit(batchOf(batch, spool));
  const expected = model.take(spool, batch);
  expect({
    accepted: commit.accepted,
    duplicate: commit.duplicate,
    rejected: commit.rejected.map(({ sequence }) => sequence),
    highWater: commit.highWater,
  }).toEqual({ ...expected, highWater: model.highWater(spool) });
}

async function expectEqual(store: EventStore, model: Model): Promise<void> {
  const { items } = await store.events({ repeats: true }, { limit: 1000 });
  expect(items.map((one) => (JSON.parse(one.line) as { event_id: string }).event_id)).toEqual(
    model.order,
  );
  expect((await store.stats()).events).toBe(model.order.length);
  const ledger = await store.ledger("host-a");
  expect(ledger?.spools.length ?? 0).toBe(model.spools.size);
  for (const spool of ledger?.spools ?? []) {
    const known = model.spools.get(spool.spool_id);
    const highest = Math.max(0, ...(known?.received.keys() ?? []));
    const lines = [...(known?.received.values() ?? [])].filter((what) => what === "line").length;
    expect(spool).toMatchObject({
      highest,
      high_water: model.highWater(spool.spool_id),
      missing: highest - lines,
      forks: known?.forks,
      conflicts: known?.conflicts,
    });
  }
}
