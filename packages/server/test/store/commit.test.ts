import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AdmittedBatch, Commit, EventStore, SpoolLedger } from "../../src/store/model.ts";
import { openStore } from "../../src/store/sqlite.ts";
import { admitted, storeOptions, ulid, uuid, type BatchParts } from "../kit.ts";

const T0 = 1_700_000_000_000;
let dir: TempDir;
let store: EventStore;
let now = T0;
const spool = ulid();

beforeEach(() => {
  dir = tempDir();
  now = T0;
  store = openStore(storeOptions(dir.at("server.db"), { now: () => now }));
});

afterEach(async () => {
  await store.close();
  dir.remove();
});

const some = (count: number) => Array.from({ length: count }, () => ({ event_id: uuid() }));

async function send(first: number, count: number, more: Partial<BatchParts> = {}) {
  const batch = admitted({ spool, first, ...more }, some(count));
  return { batch, commit: await store.commit(batch) };
}

async function ledgerOf(host = "host-a", at = 0): Promise<SpoolLedger> {
  const one = (await store.ledger(host))?.spools[at];
  if (!one) throw new Error("there is no such ledger");
  return one;
}

describe("a commit", () => {
  describe("when a batch is new", () => {
    it("stores its events and is there after a restart", async () => {
      const { batch, commit } = await send(1, 3);
      expect(commit).toEqual({ accepted: 3, duplicate: 0, rejected: [], highWater: 3 });
      await store.close();
      store = openStore(storeOptions(dir.at("server.db")));
      const { items } = await store.events({}, { limit: 10 });
      expect(items.map(({ line }) => line)).toEqual(
        batch.events.map(({ line }) => Buffer.from(line).toString()),
      );
      expect(await store.heads("host-a", [spool])).toEqual([
        { spool_id: spool, last_sequence: 3, chain: batch.chain },
      ]);
      expect(await store.stats()).toMatchObject({ events: 3, hosts: 1 });
    });
  });

  describe("when it comes twice", () => {
    it("stores nothing twice and counts a replay", async () => {
      const { batch } = await send(1, 3);
      expect(await store.commit(batch)).toMatchObject({ accepted: 0, duplicate: 3, highWater: 3 });
      expect(await ledgerOf()).toMatchObject({ replays: 1, batches: 2, events: 3, forks: 0 });
      expect((await store.events({}, { limit: 10 })).items).toHaveLength(3);
    });
  });

  describe("when an id is known with other bytes", () => {
    it("rejects that event and says so in the ledger", async () => {
      const event_id = uuid();
      await store.commit(admitted({ spool, first: 1 }, [{ event_id }]));
      const other = admitted({ spool, first: 2 }, [{ event_id, severity: "high" }]);
      const commit = await store.commit(other);
      expect(commit.rejected).toEqual([
        { sequence: 2, eventId: event_id, reason: "event_id_conflict" },
      ]);
      const ledger = await ledgerOf();
      expect(ledger).toMatchObject({ conflicts: 1, events: 1, high_water: 2 });
      expect(ledger.gaps).toMatchObject([{ from: 2, to: 2, reason: "quarantined" }]);
    });
  });

  describe("when an event stands twice in one batch", () => {
    it("takes it once", async () => {
      const event = { event_id: uuid() };
      const commit = await store.commit(admitted({ spool, first: 1 }, [event, event]));
      expect(commit).toMatchObject({ accepted: 1, duplicate: 1, highWater: 2 });
    });
  });

  describe("when many batches come at once", () => {
    it("answers each for itself", async () => {
      const batches = Array.from({ length: 50 }, (_, at) =>
        admitted({ host: `host-${at}`, spool: ulid(), first: 1 }, some(1 + (at % 3))),
      );
      const commits = await Promise.all(batches.map((batch) => store.commit(batch)));
      expect(commits.map(({ accepted }) => accepted)).toEqual(
        batches.map(({ events }) => events.length),
      );
      expect((await store.hosts({ limit: 100 })).items).toHaveLength(50);
    });
  });

  describe("when the store closes under it", () => {
    it("is finished first", async () => {
      const waiting = store.commit(admitted({ spool, first: 1 }, some(2)));
      await store.close();
      expect(await waiting).toMatchObject({ accepted: 2 });
      await expect(store.commit(admitted({ spool, first: 3 }, some(1)))).rejects.toMatchObject({
        code: "SIGIL_SERVER_STORE",
      });
    });
  });
});

describe("the ledger", () => {
  describe("when a batch is missing", () => {
    it("keeps the high-water mark before it until it comes", async () => {
      const first = await send(1, 5);
      const late = admitted({ spool, first: 6, previous: first.batch.chain }, some(5));
      await send(11, 5, { previous: late.chain });
      expect(await ledgerOf()).toMatchObject({ high_water: 5, highest: 15, missing: 5 });
      expect((await ledgerOf()).gaps).toEqual([
        { from: 6, to: 10, reason: "missing_batch", since: "2023-11-14T22:13:20.000Z" },
      ]);
      expect((await store.commit(late)).highWater).toBe(15);
      expect(await ledgerOf()).toMatchObject({ gaps_total: 0, chain_breaks: 0, forks: 0 });
    });
  });

  describe("when a spool does not begin at its first event", () => {
    it("has a gap from there", async () => {
      await send(11, 2, { previous: `blake3:${"0".repeat(64)}` });
      const ledger = await ledgerOf();
      expect(ledger).toMatchObject({ high_water: 0, chain: null, chain_breaks: 0 });
      expect(ledger.gaps).toMatchObject([{ from: 1, to: 10, reason: "missing_batch" }]);
    });
  });

  describe("when the sender says what it has lost", () => {
    it("goes on and keeps the reason", async () => {
      const gaps = [{ from: 2, to: 4, reason: "evicted" as const }];
      const { commit } = await send(1, 2, { gaps, last: 5 });
      expect(commit.highWater).toBe(5);
      expect((await ledgerOf()).gaps).toMatchObject([{ from: 2, to: 4, reason: "evicted" }]);
      const sequences = (await store.events({}, { limit: 9 })).items.map((one) => one.sequence);
      expect(sequences).toEqual([1, 5]);
    });

    it("closes the gap when the events come after all, which is no fork", async () => {
      const gaps = [{ from: 2, to: 4, reason: "corrupt" as const }];
      await send(1, 2, { gaps, last: 5 });
      await send(3, 1);
      const ledger = await ledgerOf();
      expect(ledger).toMatchObject({ gaps_total: 2, missing: 2, forks: 0, high_water: 5 });
    });
  });

  describe("when a batch names another predecessor", () => {
    const other = `blake3:${"1".repeat(64)}`;
    const cases = [
      ["the right one", (chain: string) => ({ previous: chain }), 0],
      ["another", () => ({ previous: other }), 1],
      ["none, right after it", () => ({ previous: null }), 1],
    ] as const;
    it.each(cases)("%s: counted, and its events are stored", async (_name, more, breaks) => {
      const { batch } = await send(1, 3);
      const { commit } = await send(4, 3, more(batch.chain));
      expect(commit.accepted).toBe(3);
      expect(await ledgerOf()).toMatchObject({ chain_breaks: breaks, events: 6 });
    });

    it("is no break when a killed sender sends again and more", async () => {
      const first = await send(1, 3);
      const events = some(2);
      const second = admitted({ spool, first: 4, previous: first.batch.chain }, events);
      await store.commit(second);
      await store.commit(admitted({ spool, first: 4, previous: null }, [...events, ...some(2)]));
      expect(await ledgerOf()).toMatchObject({ chain_breaks: 0, events: 7, forks: 0 });
    });

    it("is a break before the first event of a spool, or in the middle of a batch", async () => {
      await send(1, 4, { previous: other });
      expect(await ledgerOf()).toMatchObject({ chain_breaks: 1 });
      await send(3, 2, { previous: other });
      expect(await ledgerOf()).toMatchObject({ chain_breaks: 2 });
    });
  });

  describe("when new events come under old sequences", () => {
    it("counts forks and keeps the evidence", async () => {
      await send(1, 3);
      const { commit } = await send(2, 3);
      expect(commit.accepted).toBe(3);
      expect(await ledgerOf()).toMatchObject({ forks: 2, events: 6, highest: 4 });
      expect((await store.host("host-a"))?.irregular).toBe(true);
    });
  });

  describe("when a spool is wiped", () => {
    it("knows the new one as another, not as a fork or a second machine", async () => {
      await send(1, 3);
      now += 1000;
      await store.commit(admitted({ spool: ulid(), first: 1, at: now }, some(3)));
      const ledger = await store.ledger("host-a");
      expect(ledger).toMatchObject({ duplicate_identity: false });
      expect(ledger?.spools).toMatchObject([
        { forks: 0, replays: 0, high_water: 3 },
        { forks: 0, high_water: 3 },
      ]);
      expect((await store.host("host-a"))?.irregular).toBe(false);
    });
  });

  describe("when two spools of a stream take turns", () => {
    const machines = { a: ulid(), b: ulid() };
    const take = async (which: "a" | "b", first: number, stream: "agent" | "sender" = "agent") => {
      await store.commit(admitted({ spool: machines[which], first, stream, at: now }, some(1)));
      now += 1000;
    };

    it("says that two machines have one id, until they stop", async () => {
      await take("a", 1);
      await take("b", 1);
      await take("a", 2);
      expect((await store.ledger("host-a"))?.duplicate_identity).toBe(false);
      await take("b", 2);
      expect((await store.ledger("host-a"))?.duplicate_identity).toBe(true);
      now += 4_000_000;
      expect((await store.ledger("host-a"))?.duplicate_identity).toBe(false);
    });

    it("does not take what is only sent again for a turn", async () => {
      const first = admitted({ spool: machines.a, first: 1 }, some(1));
      await store.commit(first);
      for (const at of [1, 2, 3]) {
        await take("b", at);
        await store.commit(first);
      }
      expect((await store.ledger("host-a"))?.duplicate_identity).toBe(false);
    });

    it("does not take agent and sender for two", async () => {
      for (const first of [1, 2, 3]) {
        await take("a", first, "agent");
        await take("b", first, "sender");
      }
      expect((await store.ledger("host-a"))?.duplicate_identity).toBe(false);
    });
  });

  describe("when nothing comes for long", () => {
    it("says so", async () => {
      await send(1, 1);
      now += 900_000;
      expect(await store.ledger("host-a")).toMatchObject({ silent: false, silence_s: 900 });
      now += 1000;
      expect(await store.ledger("host-a")).toMatchObject({ silent: true, silence_s: 901 });
      expect(await store.host("host-a")).toMatchObject({ silent: true });
    });
  });

  describe("when there are more gaps than it lists", () => {
    it("says how many there are", async () => {
      const gaps = Array.from({ length: 150 }, (_, at) => ({
        from: 2 + at * 2,
        to: 2 + at * 2,
        reason: "corrupt" as const,
      }));
      await send(1, 151, { gaps, last: 301 });
      const ledger = await ledgerOf();
      expect(ledger).toMatchObject({ gaps_total: 150, missing: 150 });
      expect(ledger.gaps).toHaveLength(100);
    });
  });

  describe("when nothing is known of a host", () => {
    it("has none", async () => {
      expect(await store.ledger("nobody")).toBeNull();
      expect(await store.host("nobody")).toBeNull();
      expect(await store.heads("nobody", [spool])).toEqual([]);
    });
  });
});

describe("a batch that was refused in part", () => {
  describe("when lines were rejected before the store was asked", () => {
    it("counts their sequences as kept by the sender", async () => {
      const batch: AdmittedBatch = admitted({ spool, first: 1 }, some(3));
      const [first, second, third] = batch.events;
      if (!first || !second || !third) throw new Error("three were made");
      const rejected = [{ sequence: 2, eventId: null, reason: "not_json" as const }];
      const commit: Commit = await store.commit({ ...batch, events: [first, third], rejected });
      expect(commit).toMatchObject({ accepted: 2, rejected, highWater: 3 });
      expect((await ledgerOf()).gaps).toMatchObject([{ from: 2, to: 2, reason: "quarantined" }]);
    });
  });
});
