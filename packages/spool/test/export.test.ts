import { describe, expect, it } from "vitest";
import { exportSpool, openProducer, tailSpool } from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import { lines, makeClock, makeLock, testHash, texts } from "./support.ts";

/** Lines 1 to 30 in segments of about five. */
async function setUp() {
  const disk = new MemoryDisk(() => 0);
  const ports = { hash: testHash, files: disk.files };
  const settings = { segment_max_bytes: 50 };
  const clock = makeClock();
  const producer = await openProducer({
    dir: "/spool",
    lock: makeLock(),
    clock,
    settings,
    ...ports,
  });
  for (let at = 1; at <= 30; at += 1) await producer.append(lines(1, at));
  return { disk, producer, ports };
}

async function sequences(found: AsyncIterable<{ readonly sequence: number }>) {
  const all: number[] = [];
  for await (const { sequence } of found) all.push(sequence);
  return all;
}

describe("exportSpool", () => {
  describe("when a range is given", () => {
    it("gives its lines in order", async () => {
      const { ports } = await setUp();
      const dir = "/spool";
      expect(await sequences(exportSpool({ dir, from: 13, to: 17, ...ports }))).toEqual([
        13, 14, 15, 16, 17,
      ]);
      expect(await sequences(exportSpool({ dir, ...ports }))).toHaveLength(30);
      expect(await sequences(exportSpool({ dir, from: 29, to: 99, ...ports }))).toEqual([29, 30]);
      expect(await sequences(exportSpool({ dir, from: 31, ...ports }))).toEqual([]);
    });
  });

  describe("when it is left early", () => {
    it("closes what it opened", async () => {
      const { disk, ports } = await setUp();
      const before = disk.openHandles;
      for await (const one of exportSpool({ dir: "/spool", ...ports }))
        if (one.sequence === 3) break;
      expect(disk.openHandles).toBe(before);
    });
  });

  describe("when there is no spool", () => {
    it("fails with SIGIL_SPOOL_ABSENT", async () => {
      const { ports } = await setUp();
      const all = sequences(exportSpool({ dir: "/none", ...ports }));
      await expect(all).rejects.toMatchObject({ code: "SIGIL_SPOOL_ABSENT" });
    });
  });
});

describe("tailSpool", () => {
  describe("when lines are being appended", () => {
    it("gives the last ones", async () => {
      const { producer, ports } = await setUp();
      for (let at = 31; at <= 40; at += 1) {
        const appending = producer.append(lines(1, at));
        const tail = await tailSpool("/spool", 3, ports);
        await appending;
        const last = tail.at(-1)?.sequence ?? 0;
        expect(last).toBeGreaterThanOrEqual(at - 1);
        expect(tail.map((one) => one.sequence)).toEqual([last - 2, last - 1, last]);
      }
      expect(texts(await tailSpool("/spool", 2, ports))).toEqual(['{"n":39}', '{"n":40}']);
    });

    it("reads only the segments that hold them", async () => {
      const { disk, ports } = await setUp();
      disk.log = [];
      await tailSpool("/spool", 2, ports);
      const opened = disk.log.filter((entry) => /^openRead \d{20}\.jsonl/.test(entry));
      expect(new Set(opened).size).toBeLessThanOrEqual(2);
    });
  });

  describe("when more are wanted than there are", () => {
    it("gives them all; when none are wanted, none", async () => {
      const { ports } = await setUp();
      expect(await tailSpool("/spool", 1000, ports)).toHaveLength(30);
      expect(await tailSpool("/spool", 0, ports)).toEqual([]);
      expect(await tailSpool("/spool", -5, ports)).toEqual([]);
    });
  });
});
