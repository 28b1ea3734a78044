import { describe, expect, it } from "vitest";
import { openProducer, verifySpool } from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import { line, lines, makeClock, makeLock, testHash } from "./support.ts";

async function setUp() {
  const disk = new MemoryDisk(() => 0);
  const ports = { hash: testHash, files: disk.files };
  const settings = { segment_max_bytes: 60 };
  const clock = makeClock();
  const producer = await openProducer({
    dir: "/spool",
    lock: makeLock(),
    clock,
    settings,
    ...ports,
  });
  for (let at = 1; at <= 5; at += 1) await producer.append(lines(4, at * 4 - 3));
  const verify = async (most = 1000) =>
    await verifySpool("/spool", { ...ports, settings: { verify_max_faults: most } });
  const kinds = async () => [...new Set((await verify()).faults.map((fault) => fault.kind))].sort();
  return { disk, producer, verify, kinds };
}

const stem = (first: number) => `/spool/${String(first).padStart(20, "0")}`;

describe("verifySpool", () => {
  describe("when all is well", () => {
    it("says what there is", async () => {
      const { producer, verify } = await setUp();
      expect(await verify()).toMatchObject({
        ok: true,
        spool_id: producer.spoolId,
        segments: 5,
        lines: 20,
        first_sequence: 1,
        last_sequence: 20,
        chain_base: null,
        chain_head: (await producer.stats()).chain_head,
        faults: [],
        faults_total: 0,
      });
    });
  });

  describe("when a commit is under way", () => {
    it("leaves its lines out", async () => {
      const { disk, producer, verify } = await setUp();
      const during: Promise<{ ok: boolean; lines: number }>[] = [];
      disk.fault = (operation) => {
        if (operation !== "datasync") return null;
        disk.fault = () => null;
        during.push(verify());
        return null;
      };
      await producer.append(lines(1, 21));
      expect(during).toHaveLength(1);
      expect((await during[0])?.ok).toBe(true);
    });
  });

  describe("when a segment in the middle is gone", () => {
    it("tells the gap and the rests", async () => {
      const { disk, kinds } = await setUp();
      await disk.files.unlink(`${stem(5)}.jsonl`);
      expect(await kinds()).toEqual(["leftover", "sequence_gap"]);
      await disk.files.unlink(`${stem(5)}.idx`);
      await disk.files.unlink(`${stem(5)}.manifest.json`);
      expect(await kinds()).toEqual(["chain_broken", "sequence_gap"]);
    });
  });

  describe("when a whole segment was replaced with its index", () => {
    it("tells by the manifest", async () => {
      const { disk, kinds } = await setUp();
      const files = disk.snapshot();
      disk.put(`${stem(5)}.jsonl`, files.get(`${stem(9)}.jsonl`) ?? line(""));
      disk.put(`${stem(5)}.idx`, files.get(`${stem(9)}.idx`) ?? line(""));
      expect(await kinds()).toContain("segment_digest");
    });
  });

  describe("when acknowledged lines at the end are gone", () => {
    it("tells", async () => {
      const { disk, kinds } = await setUp();
      for (const part of ["jsonl", "idx"]) await disk.files.unlink(`${stem(17)}.${part}`);
      expect(await kinds()).toEqual(["sequence_gap"]);
    });
  });

  describe("when there are more faults than it may list", () => {
    it("counts them all", async () => {
      const { disk, verify } = await setUp();
      disk.put(`${stem(1)}.jsonl`, line("\n".repeat(32)));
      const report = await verify(2);
      expect(report.faults).toHaveLength(2);
      expect(report.faults_total).toBeGreaterThan(4);
    });
  });
});
