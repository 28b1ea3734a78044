import { describe, expect, it } from "vitest";
import { applyRetention, openProducer, type RetentionOptions } from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import { dump, lines, makeClock, makeLock, testHash } from "./support.ts";

const MANIFEST_AND_INDEX = 420;

/** Six closed segments of ten lines each, and an open one. */
async function setUp() {
  const disk = new MemoryDisk(() => 0);
  const clock = makeClock();
  const ports = { hash: testHash, clock, files: disk.files };
  const lock = makeLock();
  const open = async () => await openProducer({ dir: "/spool", lock, ...ports });
  const producer = await open();
  for (let at = 0; at < 7; at += 1) {
    if (at > 0) await producer.roll();
    await producer.append(lines(10, at * 10 + 1, 100));
  }
  const { bytes } = await producer.stats();
  const retain = async (more: Partial<RetentionOptions> = {}) =>
    await applyRetention({ dir: "/spool", consumed: 0, clock, files: disk.files, ...more });
  return { disk, clock, producer, bytes, retain, open, lock };
}

describe("applyRetention", () => {
  describe("when nothing is over a limit", () => {
    it("removes nothing", async () => {
      const { bytes, clock, retain } = await setUp();
      clock.pass(1000);
      const settings = { soft_max_age_ms: 1000 };
      const result = await retain({ consumed: 70, settings });
      expect(result).toEqual({ evicted: [], bytes, segments: 7, over: null });
    });
  });

  describe("when it is over the soft limit", () => {
    it("removes consumed segments only, oldest first, until it is under", async () => {
      const { disk, bytes, retain } = await setUp();
      const settings = { soft_max_bytes: bytes - 2000 };
      expect((await retain({ consumed: 9, settings })).evicted).toEqual([]);
      const { evicted } = await retain({ consumed: 35, settings });
      expect(evicted.map((one) => [one.first_sequence, one.last_sequence])).toEqual([
        [1, 10],
        [11, 20],
      ]);
      expect(evicted[0]).toMatchObject({ events: 10, unconsumed_events: 0, cause: "soft_bytes" });
      expect((await dump("/spool", disk.files)).gaps).toEqual([
        { from: 1, to: 20, reason: "evicted" },
      ]);
    });

    it("removes consumed segments that are old", async () => {
      const { clock, retain } = await setUp();
      clock.pass(1000);
      const settings = { soft_max_age_ms: 999 };
      const { evicted } = await retain({ consumed: 20, settings });
      expect(evicted.map((one) => one.cause)).toEqual(["soft_age", "soft_age"]);
    });
  });

  describe("when it is over the hard limit", () => {
    it("removes the oldest even unconsumed, and counts them", async () => {
      const { bytes, retain } = await setUp();
      const settings = { hard_max_bytes: bytes - 2000 };
      const result = await retain({ consumed: 4, settings });
      expect(result.evicted).toHaveLength(2);
      expect(result.evicted[0]).toMatchObject({ unconsumed_events: 6, cause: "hard_bytes" });
      expect(result.evicted[1]).toMatchObject({ unconsumed_events: 10 });
      expect(result.over).toBeNull();
    });

    it("never removes the open segment", async () => {
      const { disk, producer, retain } = await setUp();
      const result = await retain({ settings: { hard_max_bytes: 1 } });
      expect(result).toMatchObject({ segments: 1, over: "hard_bytes" });
      expect((await producer.append(lines(1))).first).toBe(71);
      expect((await dump("/spool", disk.files)).lines.size).toBe(11);
    });

    it("stops instead where the policy says so", async () => {
      const { retain } = await setUp();
      const settings = { hard_max_bytes: 1, full_disk_policy: "stop" } as const;
      const result = await retain({ consumed: 10, settings });
      expect(result.evicted.map((one) => one.last_sequence)).toEqual([10]);
      expect(result.over).toBe("hard_bytes");
    });
  });

  describe("when the disk is low", () => {
    it("removes as much as is wanting, and not more", async () => {
      const { retain } = await setUp();
      const room = { free: async () => 5000 };
      const result = await retain({ room, settings: { min_free_bytes: 6000 } });
      expect(result.evicted.map((one) => one.cause)).toEqual(["low_disk"]);
      expect(result.evicted[0]?.bytes).toBeGreaterThan(1000);
      expect(result.evicted[0]?.bytes).toBeLessThan(1200 + MANIFEST_AND_INDEX + 120);
    });
  });

  describe("when everything closed is gone and the producer starts again", () => {
    it("goes on with the sequence and the chain", async () => {
      const { producer, retain, open } = await setUp();
      await producer.close();
      await retain({ settings: { hard_max_bytes: 1 } });
      const head = (await producer.stats()).chain_head;
      const again = await open();
      expect(await again.stats()).toMatchObject({ chain_head: head, last_sequence: 70 });
      expect((await again.append(lines(1))).first).toBe(71);
    });
  });

  describe("when all that was closed is gone and the producer was killed", () => {
    it("still knows the head of the chain", async () => {
      const { producer, retain, open, lock } = await setUp();
      const { chain_head } = await producer.stats();
      expect((await retain({ settings: { hard_max_bytes: 1 } })).segments).toBe(1);
      lock.breakAll();
      expect((await (await open()).stats()).chain_head).toBe(chain_head);
    });
  });

  describe("when power is cut at any moment of it", () => {
    it("leaves the newer lines whole, and the rests go at the next open", async () => {
      for (let after = 1; after < 80; after += 1) {
        const { disk, producer, retain, lock, open } = await setUp();
        disk.dieAfter(after);
        await retain({ settings: { hard_max_bytes: 1 } }).catch(() => null);
        await producer.close();
        disk.cutPower();
        lock.breakAll();
        await (await open()).close();
        const { lines: left, gaps } = await dump("/spool", disk.files);
        const to = 70 - left.size;
        expect(gaps).toEqual(to === 0 ? [] : [{ from: 1, to, reason: "evicted" }]);
        const names = [...disk.snapshot().keys()];
        const count = (suffix: string) => names.filter((name) => name.endsWith(suffix)).length;
        expect(count(".idx")).toBe(count(".jsonl"));
      }
    });
  });
});
