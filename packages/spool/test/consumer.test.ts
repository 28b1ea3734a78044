import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  applyRetention,
  openConsumer,
  openProducer,
  readBacklog,
  type SpoolFiles,
  type SpoolSettings,
} from "../src/index.ts";
import { MemoryDisk } from "./model/memory-files.ts";
import {
  collector,
  lines,
  makeClock,
  makeLock,
  realFiles,
  tempDir,
  testHash,
  texts,
} from "./support.ts";

async function setUp(settings: Partial<SpoolSettings> = {}) {
  const dir = join(tempDir(), "events");
  const checkpointDir = join(tempDir(), "sender");
  const files = realFiles;
  const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), settings, files };
  const { reports, onReport } = collector();
  const producer = await openProducer({ dir, ...ports });
  const open = async () => await openConsumer({ dir, checkpointDir, ...ports, onReport });
  return { dir, checkpointDir, producer, open, reports, ports };
}

describe("openConsumer", () => {
  describe("when there is no spool", () => {
    it("refuses with SIGIL_SPOOL_ABSENT", async () => {
      const ports = { hash: testHash, lock: makeLock(), clock: makeClock() };
      const dir = tempDir();
      const checkpointDir = tempDir();
      for (const at of [join(dir, "none"), dir]) {
        const opening = openConsumer({ dir: at, checkpointDir, ...ports });
        await expect(opening).rejects.toMatchObject({ code: "SIGIL_SPOOL_ABSENT" });
      }
    });
  });

  describe("when another consumer has the checkpoint", () => {
    it("refuses with SIGIL_SPOOL_LOCKED", async () => {
      const { open } = await setUp();
      const first = await open();
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SPOOL_LOCKED" });
      await first.close();
      await (await open()).close();
    });
  });

  describe.each([
    ["garbage", "garbage", "invalid"],
    ["huge", "x".repeat(5000), "too_large"],
    ["beyond", checkpoint("{id}", 4), "beyond"],
    ["of another spool", checkpoint("01ARZ3NDEKTSV4RRFFQ69G5FAV", 2), "other_spool"],
  ])("when the checkpoint is %s", (_, content, why) => {
    it("reports it and starts over", async () => {
      const { checkpointDir, producer, open, reports } = await setUp();
      await producer.append(lines(3));
      mkdirSync(checkpointDir);
      const path = join(checkpointDir, "checkpoint.json");
      writeFileSync(path, content.replace("{id}", producer.spoolId));
      const consumer = await open();
      expect(reports[0]).toMatchObject({ kind: "checkpoint_ignored", why });
      expect((await consumer.read()).lines).toHaveLength(3);
    });
  });

  describe("when the checkpoint is a link", () => {
    it("does not follow it", async () => {
      const { checkpointDir, producer, open, reports } = await setUp();
      await producer.append(lines(3));
      mkdirSync(checkpointDir);
      const target = join(tempDir(), "target");
      writeFileSync(target, checkpoint(producer.spoolId, 2));
      symlinkSync(target, join(checkpointDir, "checkpoint.json"));
      const consumer = await open();
      expect(reports[0]).toMatchObject({ kind: "checkpoint_ignored", why: "not_regular" });
      expect(consumer.acked).toBe(0);
    });
  });
});

describe("read", () => {
  describe("when lines come while it reads", () => {
    it("follows them over segments, and gives nothing at the end", async () => {
      const { producer, open } = await setUp({ segment_max_bytes: 60 });
      const consumer = await open();
      const seen: string[] = [];
      for (let at = 0; at < 20; at += 1) {
        await producer.append(lines(3, at * 3 + 1));
        const batch = await consumer.read();
        expect(batch).toMatchObject({ spool_id: producer.spoolId, last: at * 3 + 3, gaps: [] });
        seen.push(...texts(batch.lines));
        const none = await consumer.read();
        expect(none).toMatchObject({ first: at * 3 + 4, last: at * 3 + 3, lines: [], gaps: [] });
      }
      expect(seen).toEqual(lines(60).map((one) => new TextDecoder().decode(one)));
    });
  });

  describe("when it is limited", () => {
    it("stops at maxLines and maxBytes, but gives at least one line", async () => {
      const { producer, open } = await setUp();
      await producer.append(lines(10, 1, 90));
      const consumer = await open();
      expect((await consumer.read({ maxLines: 3 })).last).toBe(3);
      expect((await consumer.read({ maxBytes: 250 })).last).toBe(5);
      expect((await consumer.read({ maxBytes: 1 })).last).toBe(6);
      expect((await consumer.read()).last).toBe(10);
    });
  });

  describe("when a line was written but not acknowledged", () => {
    it("does not give it", async () => {
      const disk = new MemoryDisk(() => 0);
      let beforeSync = nothing;
      const files: SpoolFiles = {
        ...disk.files,
        create: async (path) => {
          const handle = await disk.files.create(path);
          const datasync = async () => {
            await beforeSync();
            await handle.datasync();
          };
          return { ...handle, datasync };
        },
      };
      const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files };
      const producer = await openProducer({ dir: "/spool", ...ports });
      await producer.append(lines(2));
      const consumer = await openConsumer({ dir: "/spool", checkpointDir: "/c", ...ports });
      let seen = 0;
      beforeSync = async () => {
        seen = Math.max(seen, (await consumer.read()).last);
        throw Object.assign(new Error("sync"), { code: "EIO" });
      };
      await expect(producer.append(lines(5, 3))).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
      beforeSync = nothing;
      expect(seen).toBe(2);
      await producer.append(lines(1, 50));
      expect(texts((await consumer.read()).lines)).toEqual(['{"n":50}']);
    });
  });

  describe("when segments are evicted under it", () => {
    it("tells the gap once and goes on", async () => {
      const { dir, producer, open, ports } = await setUp({ segment_max_bytes: 30 });
      for (let at = 1; at <= 8; at += 1) await producer.append(lines(3, at * 3 - 2));
      const consumer = await open();
      expect((await consumer.read({ maxLines: 2 })).last).toBe(2);
      const settings = { hard_max_bytes: 400, soft_max_bytes: 400 };
      await applyRetention({ dir, consumed: 0, clock: ports.clock, settings });
      const batch = await consumer.read();
      const [gap] = batch.gaps;
      expect(gap).toMatchObject({ from: 3, reason: "evicted" });
      expect(batch.lines[0]?.sequence).toBe((gap?.to ?? 0) + 1);
      expect(batch.last).toBe(24);
      expect(batch.gaps).toHaveLength(1);
    });

    it("tells when everything is gone", async () => {
      const { dir, producer, open } = await setUp();
      await producer.append(lines(3));
      const consumer = await open();
      for (const part of ["jsonl", "idx"]) rmSync(join(dir, `00000000000000000001.${part}`));
      const batch = await consumer.read();
      expect(batch).toMatchObject({ first: 1, last: 3, lines: [] });
      expect(batch.gaps).toEqual([{ from: 1, to: 3, reason: "evicted" }]);
    });

    it("keeps what it is reading", async () => {
      const disk = new MemoryDisk(() => 0);
      const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: disk.files };
      const settings = { segment_max_bytes: 30 };
      const producer = await openProducer({ dir: "/spool", settings, ...ports });
      for (let at = 1; at <= 4; at += 1) await producer.append(lines(3, at * 3 - 2));
      const consumer = await openConsumer({ dir: "/spool", checkpointDir: "/c", ...ports });
      disk.fault = (operation, path) => {
        // Gone after it was listed.
        if (operation !== "openRead" || !path.endsWith("07.idx")) return null;
        disk.fault = () => null;
        for (const part of ["jsonl", "idx"]) {
          void disk.files.unlink(`/spool/00000000000000000007.${part}`);
        }
        return "ENOENT";
      };
      const batch = await consumer.read();
      expect(batch.lines.map((one) => one.sequence)).toEqual([1, 2, 3, 4, 5, 6, 10, 11, 12]);
      expect(batch.gaps).toMatchObject([{ from: 7, to: 9 }]);
    });
  });

  describe.each(["jsonl", "idx"])("when the %s of a segment is no regular file", (part) => {
    it("tells a gap and goes on with the next", async () => {
      const { dir, producer, open } = await setUp();
      await producer.append(lines(3));
      await producer.roll();
      await producer.append(lines(2, 4));
      const path = join(dir, `00000000000000000001.${part}`);
      rmSync(path);
      mkdirSync(path);
      const batch = await (await open()).read();
      expect(batch.gaps).toEqual([{ from: 1, to: 3, reason: "corrupt" }]);
      expect(batch.lines.map((one) => one.sequence)).toEqual([4, 5]);
    });
  });

  describe("when another spool took the place", () => {
    it("fails with SIGIL_SPOOL_REPLACED", async () => {
      const { dir, producer, open, ports } = await setUp();
      const consumer = await open();
      await producer.close();
      rmSync(dir, { recursive: true });
      const other = await openProducer({ dir, ...ports });
      await other.append(lines(1));
      await expect(consumer.read()).rejects.toMatchObject({ code: "SIGIL_SPOOL_REPLACED" });
    });
  });
});

describe("ack", () => {
  describe("when it resolves", () => {
    it("is where the next consumer starts", async () => {
      const { producer, open } = await setUp();
      await producer.append(lines(5));
      const first = await open();
      const batch = await first.read({ maxLines: 3 });
      await first.ack(batch.last);
      await first.read();
      expect(await first.lag()).toBe(2);
      await first.close();
      const second = await open();
      expect((await second.read()).first).toBe(4);
    });
  });

  describe("when it was not read, or is older", () => {
    it("refuses with SIGIL_SPOOL_ACK_RANGE", async () => {
      const { producer, open } = await setUp();
      await producer.append(lines(5));
      const consumer = await open();
      await consumer.read({ maxLines: 3 });
      await consumer.ack(2);
      await consumer.ack(2);
      for (const bad of [1, 4, 2.5, Number.NaN]) {
        const acking = consumer.ack(bad);
        await expect(acking, String(bad)).rejects.toMatchObject({ code: "SIGIL_SPOOL_ACK_RANGE" });
      }
    });
  });

  describe("when it rewinds", () => {
    it("reads again from the checkpoint", async () => {
      const { producer, open } = await setUp();
      await producer.append(lines(5));
      const consumer = await open();
      await consumer.read({ maxLines: 2 });
      await consumer.ack(2);
      await consumer.read();
      consumer.rewind();
      expect(await consumer.read()).toMatchObject({ first: 3, last: 5 });
    });
  });

  describe("when it was taken back", () => {
    it("reads again from there on, also after a restart", async () => {
      const { producer, open } = await setUp();
      await producer.append(lines(5));
      const consumer = await open();
      await consumer.read();
      await consumer.ack(5);
      await consumer.reset(2);
      expect(await consumer.read()).toMatchObject({ first: 3, last: 5 });
      await consumer.close();
      const next = await open();
      expect(next.acked).toBe(2);
      for (const bad of [3, -1, 0.5])
        await expect(next.reset(bad)).rejects.toMatchObject({ code: "SIGIL_SPOOL_ACK_RANGE" });
    });

    it("tells a gap for what was evicted since", async () => {
      const { dir, ports, producer, open } = await setUp({ segment_max_bytes: 4096 });
      for (let round = 0; round < 8; round += 1) await producer.append(lines(20, 1, 100));
      const consumer = await open();
      const { last } = await consumer.read({ maxLines: 1000 });
      await consumer.ack(last);
      await applyRetention({
        dir,
        ...ports,
        settings: { ...ports.settings, soft_max_bytes: 4096 },
        consumed: last,
        room: { free: () => Promise.resolve(1e12) },
      });
      await consumer.reset(0);
      const again = await consumer.read({ maxLines: 1000 });
      expect(again.gaps).toMatchObject([{ from: 1, reason: "evicted" }]);
      expect(again.last).toBe(last);
    });
  });

  describe("when it is closed", () => {
    it("refuses with SIGIL_SPOOL_CLOSED", async () => {
      const { open } = await setUp();
      const consumer = await open();
      await consumer.close();
      await consumer.close();
      await expect(consumer.read()).rejects.toMatchObject({ code: "SIGIL_SPOOL_CLOSED" });
      await expect(consumer.ack(1)).rejects.toMatchObject({ code: "SIGIL_SPOOL_CLOSED" });
    });
  });
});

describe("backlog", () => {
  it("counts what is not in the checkpoint, with the oldest of it", async () => {
    const { dir, checkpointDir, producer, open, ports } = await setUp({ segment_max_bytes: 4096 });
    const outside = { dir, checkpointDir };
    for (let round = 0; round < 10; round += 1) await producer.append(lines(20, 1, 100));
    const consumer = await open();
    const all = await consumer.read({ maxLines: 1000, maxBytes: 1e9 });
    const sizes = all.lines.map(({ bytes }) => bytes.length + 1);
    const total = (from: number) => sizes.slice(from).reduce((sum, size) => sum + size, 0);
    for (const acked of [0, 1, 77, 199]) {
      if (acked > 0) await consumer.ack(acked);
      const expected = {
        events: 200 - acked,
        bytes: total(acked),
        oldest: all.lines[acked]?.bytes,
      };
      expect(await consumer.backlog()).toEqual(expected);
      expect(await readBacklog(ports, outside)).toEqual(expected);
    }
    await consumer.ack(200);
    expect(await consumer.backlog()).toEqual({ events: 0, bytes: 0, oldest: null });
  });
});

function checkpoint(spool_id: string, sequence: number): string {
  const updated_at = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({ schema_version: 1, spool_id, sequence, updated_at });
}

async function nothing(): Promise<void> {
  // No hook.
}
