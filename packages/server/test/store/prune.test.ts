import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventStore } from "../../src/store/model.ts";
import { openStore } from "../../src/store/sqlite.ts";
import { admitted, storeOptions, ulid, uuid } from "../kit.ts";

const T0 = 1_700_000_000_000;
let dir: TempDir;
let store: EventStore;
const spool = ulid();

beforeEach(() => {
  dir = tempDir();
  store = openStore(storeOptions(dir.at("server.db"), { prunePiece: 10 }));
});

afterEach(async () => {
  await store.close();
  dir.remove();
});

async function put(first: number, count: number, at: number, previous: string | null = null) {
  const events = Array.from({ length: count }, () => ({ event_id: uuid() }));
  const batch = admitted({ spool, first, at, previous }, events);
  await store.commit(batch);
  return batch;
}

const sequences = async () =>
  (await store.events({}, { limit: 1000 })).items.map(({ sequence }) => sequence);

describe("retention", () => {
  describe("when events are too old", () => {
    it("deletes them a piece at a time, the younger stay", async () => {
      const old = await put(1, 25, T0);
      const young = await put(26, 3, T0 + 1000, old.chain);
      const limits = { receivedAt: T0 + 1000, maxBytes: 0 };
      expect(await store.prune(limits)).toBe(10);
      expect(await store.prune(limits)).toBe(10);
      expect(await store.prune(limits)).toBe(5);
      expect(await store.prune(limits)).toBe(0);
      expect(await sequences()).toEqual([26, 27, 28]);
      expect(await store.stats()).toMatchObject({ events: 3 });
      expect(await store.heads("host-a", [spool])).toMatchObject([
        { last_sequence: 28, chain: young.chain },
      ]);
    });

    it("leaves a ledger that knows what was received", async () => {
      const old = await put(1, 5, T0);
      await store.prune({ receivedAt: T0 + 1, maxBytes: 0 });
      await put(6, 2, T0, old.chain);
      await put(3, 2, T0, `blake3:${"0".repeat(64)}`);
      expect((await store.ledger("host-a"))?.spools).toMatchObject([
        { high_water: 7, events: 9, forks: 0, chain_breaks: 0, gaps_total: 0 },
      ]);
    });

    it("never gives an id again", async () => {
      await put(1, 5, T0);
      const page = await store.events({}, { limit: 4 });
      while ((await store.prune({ receivedAt: T0 + 1, maxBytes: 0 })) > 0);
      await put(6, 1, T0);
      const rest = await store.events({}, { limit: 4, cursor: page.next ?? "" });
      expect(rest.items.map(({ sequence }) => sequence)).toEqual([6]);
    });
  });

  describe("when the store is too large", () => {
    it("deletes the oldest until it is not", async () => {
      for (let round = 0; round < 20; round += 1) await put(1 + round * 50, 50, T0);
      const { bytes } = await store.stats();
      const maxBytes = Math.floor(bytes * 0.6);
      while ((await store.prune({ receivedAt: 0, maxBytes })) > 0);
      const left = await sequences();
      expect((await store.stats()).bytes).toBeLessThanOrEqual(maxBytes);
      expect(left.length).toBeGreaterThan(100);
      expect(left.at(-1)).toBe(1000);
    });
  });

  describe("when the store is empty", () => {
    it("has nothing to do", async () => {
      expect(await store.prune({ receivedAt: Infinity, maxBytes: 1 })).toBe(0);
    });
  });
});

describe("the time by which events are old", () => {
  const DAY = 86_400_000;

  it("begins when the newest event came, and follows the clock by no more than is allowed", async () => {
    await put(1, 5, T0);
    expect(await store.retentionTime(T0 + 3650 * DAY, 0)).toBe(T0);
    expect(await store.retentionTime(T0 + 3650 * DAY, DAY)).toBe(T0 + DAY);
    expect(await store.retentionTime(T0 + 2 * DAY, 6 * DAY)).toBe(T0 + 2 * DAY);
  });

  it("survives restarts and events that came under the wrong clock", async () => {
    await put(1, 5, T0);
    await store.retentionTime(T0, 0);
    await put(6, 5, T0 + 3650 * DAY);
    await store.close();
    store = openStore(storeOptions(dir.at("server.db"), { prunePiece: 10 }));
    expect(await store.retentionTime(T0 + 3650 * DAY, DAY)).toBe(T0 + DAY);
  });

  it("goes back with a clock that was set back", async () => {
    await store.retentionTime(T0, 0);
    expect(await store.retentionTime(T0 - DAY, DAY)).toBe(T0 - DAY);
  });
});
