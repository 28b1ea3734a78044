import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openProducer, type Manifest, type SpoolSettings } from "../src/index.ts";
import { MemoryDisk, type Operation } from "./model/memory-files.ts";
import {
  collector,
  dump,
  line,
  lines,
  makeClock,
  makeLock,
  realFiles,
  tempDir,
  testHash,
} from "./support.ts";

const STEM = "00000000000000000001";

function setUp(settings: Partial<SpoolSettings> = {}) {
  const dir = join(tempDir(), "events");
  const lock = makeLock();
  const clock = makeClock();
  const { reports, onReport } = collector();
  const open = async () =>
    await openProducer({ dir, hash: testHash, lock, clock, settings, onReport, files: realFiles });
  return { dir, lock, clock, reports, open };
}

function inMemory(settings: Partial<SpoolSettings> = {}) {
  const disk = new MemoryDisk(() => 0);
  const { reports, onReport } = collector();
  const ports = { hash: testHash, clock: makeClock(), files: disk.files, settings, onReport };
  const open = async () => await openProducer({ dir: "/spool", lock: makeLock(), ...ports });
  return { disk, reports, open };
}

function manifestOf(dir: string, stem: string): Manifest {
  return JSON.parse(readFileSync(join(dir, `${stem}.manifest.json`), "utf8")) as Manifest;
}

describe("openProducer", () => {
  describe("when there is nothing yet", () => {
    it("makes the directory and its files with explicit modes", async () => {
      const { dir, open } = setUp();
      const umask = process.umask(0);
      try {
        const producer = await open();
        await producer.append(lines(1));
        await producer.close();
      } finally {
        process.umask(umask);
      }
      expect(statSync(dir).mode & 0o777).toBe(0o750);
      for (const name of readdirSync(dir)) {
        expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o640);
      }
    });

    it("gives the spool an id that it keeps", async () => {
      const { open } = setUp();
      const first = await open();
      await first.close();
      const second = await open();
      expect(second.spoolId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(second.spoolId).toBe(first.spoolId);
      await second.close();
    });
  });

  describe("when another producer is open", () => {
    it("refuses with SIGIL_SPOOL_LOCKED", async () => {
      const { open } = setUp();
      const first = await open();
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SPOOL_LOCKED" });
      await first.close();
      await (await open()).close();
    });
  });

  describe("when the lock cannot be taken at all", () => {
    it.each([
      ["EACCES", "SIGIL_SPOOL_IO"],
      ["SQLITE_CANTOPEN", "SIGIL_SPOOL_IO"],
      ["SQLITE_FULL", "SIGIL_SPOOL_FULL"],
    ])("does not say that another holds it: %s is %s", async (errno, code) => {
      const lock = {
        acquire(): never {
          throw Object.assign(new Error("why"), { code: errno });
        },
      };
      const given = { dir: join(tempDir(), "events"), hash: testHash, clock: makeClock() };
      await expect(openProducer({ ...given, lock })).rejects.toMatchObject({ code });
    });
  });

  describe("when the directory is a link", () => {
    it("refuses with SIGIL_SPOOL_OWNER", async () => {
      const { dir, open } = setUp();
      const elsewhere = tempDir();
      symlinkSync(elsewhere, dir);
      await expect(open()).rejects.toMatchObject({ code: "SIGIL_SPOOL_OWNER" });
      expect(readdirSync(elsewhere)).toEqual([]);
    });
  });

  describe("when the directory belongs to another user", () => {
    it("refuses with SIGIL_SPOOL_OWNER", async () => {
      const { disk } = inMemory();
      const files = { ...disk.files, uid: 7 };
      await files.mkdir("/spool");
      const ports = { hash: testHash, clock: makeClock(), lock: makeLock() };
      const opening = openProducer({ dir: "/spool", files, ...ports });
      await expect(opening).rejects.toMatchObject({ code: "SIGIL_SPOOL_OWNER" });
    });
  });

  describe("when the last segment is a link", () => {
    it("moves it aside and opens", async () => {
      const { dir, open } = setUp();
      await (await open()).close();
      symlinkSync("/etc/hostname", join(dir, `${STEM}.jsonl`));
      await (await open()).close();
      expect(readlinkSync(join(dir, "quarantine", `${STEM}.jsonl.moved`))).toBe("/etc/hostname");
    });
  });

  describe("when a setting is out of range", () => {
    it("refuses with SIGIL_SPOOL_SETTING", async () => {
      for (const bad of [
        { segment_max_bytes: 0 },
        { line_max_bytes: 2 ** 30 },
        { queue_max_bytes: 1.5 },
      ]) {
        const { open } = setUp(bad);
        await expect(open()).rejects.toMatchObject({ code: "SIGIL_SPOOL_SETTING" });
      }
    });
  });

  describe("when a write or an eviction was interrupted", () => {
    it("removes what it left and says so", async () => {
      const { disk, reports, open } = inMemory();
      const producer = await open();
      await producer.append(lines(1));
      await producer.close();
      disk.put("/spool/.spool.json.tmp", line("x"));
      disk.put(`/spool/${STEM.slice(0, -1)}0.idx`, line("x"));
      disk.put(`/spool/${STEM.slice(0, -1)}9.idx`, line("x"));
      await (await open()).close();
      expect(reports.filter((report) => report.kind === "leftover_removed")).toHaveLength(2);
      expect([...disk.snapshot().keys()].filter((path) => path.endsWith("tmp"))).toEqual([]);
    });
  });

  describe("when a backlog is large", () => {
    it("opens no segment but the last", async () => {
      const { disk, open } = inMemory({ segment_max_bytes: 50 });
      const first = await open();
      for (let at = 0; at < 60; at += 1) await first.append(lines(2, at, 20));
      disk.log = [];
      await open();
      const opened = disk.log.filter((entry) => /^open\w+ \d{20}\.(jsonl|idx)/.test(entry));
      expect(new Set(opened.map((entry) => entry.split(" ")[1]?.slice(0, 20))).size).toBe(1);
      expect(disk.log.length).toBeLessThan(60);
    });
  });

  describe("when the listener throws", () => {
    it("works all the same", async () => {
      const { disk, open } = inMemory();
      await (await open()).append(lines(1));
      disk.put("/spool/.x.tmp", line("x"));
      const ports = { hash: testHash, clock: makeClock(), lock: makeLock(), files: disk.files };
      const producer = await openProducer({ dir: "/spool", onReport: throwing, ...ports });
      expect((await producer.append(lines(1))).first).toBe(2);
    });
  });
});

describe("append", () => {
  describe("when it resolves", () => {
    it("has written and synced lines, index and the new names, in that order", async () => {
      const { disk, open } = inMemory();
      const producer = await open();
      disk.log = [];
      await producer.append(lines(3));
      expect(disk.log.filter((call) => !call.startsWith("lstat "))).toEqual([
        `create ${STEM}.jsonl`,
        `create ${STEM}.idx`,
        "syncDir spool",
        `write ${STEM}.jsonl`,
        `write ${STEM}.idx`,
        `datasync ${STEM}.jsonl`,
        `datasync ${STEM}.idx`,
        "write durable.mark",
      ]);
    });

    it("has given consecutive sequences from 1 on", async () => {
      const { dir, open } = setUp();
      const producer = await open();
      expect(await producer.append(lines(3))).toEqual({ first: 1, last: 3 });
      expect(await producer.append(lines(1, 4))).toEqual({ first: 4, last: 4 });
      await producer.close();
      expect((await dump(dir)).lines.get(4)).toBe('{"n":4}');
      expect(readFileSync(join(dir, `${STEM}.jsonl`), "utf8").split("\n")).toHaveLength(5);
      expect(statSync(join(dir, `${STEM}.idx`)).size).toBe(4 * 12);
    });
  });

  describe("when many come at once", () => {
    it("commits them together", async () => {
      const { disk, open } = inMemory();
      const producer = await open();
      disk.log = [];
      const ranges = await Promise.all(
        Array.from({ length: 100 }, async (_, at) => await producer.append(lines(2, at))),
      );
      expect(ranges[99]).toEqual({ first: 199, last: 200 });
      expect(disk.log.filter((entry) => entry.startsWith("datasync"))).toHaveLength(2);
    });

    it("shares the next commit among those that come during one", async () => {
      const { disk, open } = inMemory();
      const producer = await open();
      disk.log = [];
      const later: Promise<unknown>[] = [];
      disk.fault = (operation) => {
        if (operation !== "datasync") return null;
        disk.fault = () => null;
        for (let at = 0; at < 10; at += 1) later.push(producer.append(lines(1)));
        return null;
      };
      await producer.append(lines(1));
      await Promise.all(later);
      expect(disk.log.filter((entry) => entry.startsWith("datasync"))).toHaveLength(4);
      expect(producer.lastSequence).toBe(11);
    });

    it("keeps a group under group_max_bytes", async () => {
      const { disk, open } = inMemory({ group_max_bytes: 100, line_max_bytes: 99 });
      const producer = await open();
      disk.log = [];
      await Promise.all([1, 2, 3].map(async (at) => await producer.append(lines(1, at, 40))));
      expect(disk.log.filter((entry) => entry === `write ${STEM}.jsonl`)).toHaveLength(3);
    });
  });

  describe("when the caller changes its bytes afterwards", () => {
    it("has written what they were", async () => {
      const { dir, open } = setUp();
      const producer = await open();
      const bytes = line("before");
      const appending = producer.append([bytes]);
      bytes.fill(0x41);
      await appending;
      await producer.close();
      expect((await dump(dir)).lines.get(1)).toBe("before");
    });
  });

  describe("when a line cannot be taken", () => {
    it.each([
      ["SIGIL_SPOOL_LINE", [line("a\nb")]],
      ["SIGIL_SPOOL_LINE", [line("ok"), line("")]],
      ["SIGIL_SPOOL_LINE", []],
      ["SIGIL_SPOOL_LINE_TOO_LARGE", [line("x".repeat(101))]],
      ["SIGIL_SPOOL_APPEND_TOO_LARGE", lines(10, 1, 60)],
    ])("rejects with %s and uses no sequence", async (code, bad) => {
      const { open } = setUp({ line_max_bytes: 100, group_max_bytes: 500 });
      const producer = await open();
      await expect(producer.append(bad)).rejects.toMatchObject({ code });
      expect((await producer.append(lines(1))).first).toBe(1);
      await producer.close();
    });
  });

  describe("when too much waits", () => {
    it("rejects with SIGIL_SPOOL_QUEUE_FULL, and takes more once it was written", async () => {
      const { open } = setUp({ line_max_bytes: 100, group_max_bytes: 200, queue_max_bytes: 300 });
      const producer = await open();
      const waiting = [1, 2, 3].map(async (at) => await producer.append(lines(1, at, 70)));
      await expect(producer.append(lines(1, 4, 70))).rejects.toMatchObject({
        code: "SIGIL_SPOOL_QUEUE_FULL",
      });
      await Promise.all(waiting);
      expect((await producer.append(lines(1, 4, 70))).first).toBe(4);
      await producer.close();
    });
  });

  describe("when the disk is full", () => {
    it("rejects, leaves no part of it, and works again when there is room", async () => {
      for (let room = 0; room < 90; room += 7) {
        const { disk, open } = inMemory();
        const producer = await open();
        await producer.append(lines(2));
        disk.capacity = disk.used + room;
        await expect(producer.append(lines(3, 3, 30))).rejects.toMatchObject({
          code: "SIGIL_SPOOL_FULL",
        });
        disk.capacity = Infinity;
        expect(await producer.append(lines(1, 9))).toEqual({ first: 3, last: 3 });
        await producer.close();
        expect([...(await dump("/spool", disk.files)).lines.values()]).toEqual([
          '{"n":1}',
          '{"n":2}',
          '{"n":9}',
        ]);
      }
    });
  });

  describe("when writing and cutting back both fail", () => {
    it("goes on in a new segment", async () => {
      const { disk, reports, open } = inMemory();
      const producer = await open();
      await producer.append(lines(2));
      disk.fault = failing(["write", "truncate"], "EIO");
      await expect(producer.append(lines(1))).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
      disk.fault = () => null;
      expect((await producer.append(lines(1, 7))).first).toBe(3);
      expect(reports.map((report) => report.kind)).toContain("segment_abandoned");
      expect([...disk.snapshot().keys()]).toContain("/spool/00000000000000000003.jsonl");
      await producer.close();
      expect((await dump("/spool", disk.files)).lines.get(3)).toBe('{"n":7}');
    });
  });

  describe.each([".jsonl", ".idx"])("when syncing %s fails", (suffix) => {
    it("never writes that segment again", async () => {
      const { disk, open } = inMemory();
      const producer = await open();
      await producer.append(lines(2));
      disk.fault = (operation, path) =>
        operation === "datasync" && path.endsWith(suffix) ? "EIO" : null;
      await expect(producer.append(lines(1))).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
      disk.fault = () => null;
      disk.log = [];
      expect((await producer.append(lines(1, 7))).first).toBe(3);
      expect(disk.log.filter((entry) => entry.startsWith(`write ${STEM}`))).toEqual([]);
      await producer.close();
      expect((await dump("/spool", disk.files)).lines.size).toBe(3);
    });

    it("starts over even when the segment was empty", async () => {
      const { disk, open } = inMemory();
      const producer = await open();
      disk.fault = failing(["datasync", "unlink"], "EIO");
      await expect(producer.append(lines(1))).rejects.toMatchObject({ code: "SIGIL_SPOOL_IO" });
      disk.fault = () => null;
      expect((await producer.append(lines(1, 7))).first).toBe(1);
      await producer.close();
      expect((await dump("/spool", disk.files)).lines.get(1)).toBe('{"n":7}');
    });
  });

  describe("when the mark cannot be written", () => {
    it("acknowledges all the same and says so", async () => {
      const { disk, reports, open } = inMemory();
      const producer = await open();
      disk.fault = (_, path) => (path.endsWith("durable.mark") ? "EIO" : null);
      expect(await producer.append(lines(1))).toEqual({ first: 1, last: 1 });
      expect(reports.map((report) => report.kind)).toEqual(["mark_failed"]);
    });
  });
});

describe("roll", () => {
  describe("when a segment is full", () => {
    it("closes it with a manifest that names the one before", async () => {
      const { dir, open } = setUp({ segment_max_bytes: 60 });
      const producer = await open();
      for (let at = 1; at <= 3; at += 1) await producer.append(lines(4, at * 10));
      await producer.close();
      const first = manifestOf(dir, STEM);
      const second = manifestOf(dir, "00000000000000000005");
      const bytes = readFileSync(join(dir, `${STEM}.manifest.json`));
      const data = readFileSync(join(dir, `${STEM}.jsonl`));
      expect(first).toMatchObject({
        schema_version: 1,
        spool_id: producer.spoolId,
        first_sequence: 1,
        last_sequence: 4,
        count: 4,
        bytes: data.length,
        blake3: Buffer.from(testHash.digest(data)).toString("hex"),
        previous_manifest_digest: null,
        closed_at: "2026-01-01T00:00:00.000Z",
      });
      const digest = Buffer.from(testHash.digest(bytes)).toString("hex");
      expect(second.previous_manifest_digest).toBe(digest);
    });
  });

  describe("when a segment is old", () => {
    it("rolls before the next append, or when maintained", async () => {
      const { clock, open } = setUp({ segment_max_age_ms: 1000 });
      const producer = await open();
      await producer.append(lines(1));
      clock.pass(999);
      await producer.append(lines(1));
      expect((await producer.stats()).segments).toBe(1);
      clock.pass(1);
      await producer.append(lines(1));
      expect((await producer.stats()).segments).toBe(2);
      clock.pass(1000);
      expect((await producer.stats()).chain_head).not.toBeNull();
      const head = (await producer.stats()).chain_head;
      await producer.maintain();
      expect((await producer.stats()).chain_head).not.toBe(head);
      await producer.close();
    });
  });

  describe("when nothing was appended", () => {
    it("makes no empty segment", async () => {
      const { open } = setUp();
      const producer = await open();
      await producer.roll();
      await producer.roll();
      expect(await producer.stats()).toMatchObject({ segments: 0, last_sequence: 0 });
      await producer.close();
    });
  });

  describe("when the manifest cannot be written", () => {
    it("goes on, and writes it later in its place in the chain", async () => {
      const { disk, reports, open } = inMemory();
      const producer = await open();
      disk.fault = (operation, path) =>
        operation === "create" && path.includes("manifest") ? "ENOSPC" : null;
      for (let at = 1; at <= 3; at += 1) {
        await producer.append(lines(1, at));
        await producer.roll();
      }
      expect(reports.map((report) => report.kind)).toContain("manifest_failed");
      expect((await producer.stats()).unsealed_segments).toBe(3);
      disk.fault = () => null;
      await producer.maintain();
      expect((await producer.stats()).unsealed_segments).toBe(2);
      await producer.close();
      const chain = [1, 2, 3].map((at) => {
        const path = `/spool/${String(at).padStart(20, "0")}.manifest.json`;
        return disk.snapshot().get(path);
      });
      expect(chain.every((bytes) => bytes !== undefined)).toBe(true);
    });
  });
});

describe("close", () => {
  describe("when appends wait", () => {
    it("commits them first", async () => {
      const { dir, open } = setUp();
      const producer = await open();
      const waiting = [1, 2, 3].map(async (at) => await producer.append(lines(2, at)));
      await producer.close();
      await Promise.all(waiting);
      expect((await dump(dir)).lines.size).toBe(6);
    });
  });

  describe("when it is done", () => {
    it("has closed the segment, and refuses everything", async () => {
      const { dir, open } = setUp();
      const producer = await open();
      await producer.append(lines(2));
      await producer.close();
      await producer.close();
      expect(manifestOf(dir, STEM).count).toBe(2);
      await expect(producer.append(lines(1))).rejects.toMatchObject({ code: "SIGIL_SPOOL_CLOSED" });
      await expect(producer.roll()).rejects.toMatchObject({ code: "SIGIL_SPOOL_CLOSED" });
      await expect(producer.maintain()).rejects.toMatchObject({ code: "SIGIL_SPOOL_CLOSED" });
    });
  });
});

describe("recovery", () => {
  describe("when a producer was killed", () => {
    it("goes on in the same segment", async () => {
      const { dir, lock, open } = setUp();
      const first = await open();
      await first.append(lines(3));
      lock.breakAll();
      const second = await open();
      expect((await second.append(lines(1, 4))).first).toBe(4);
      await second.close();
      expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl"))).toEqual([`${STEM}.jsonl`]);
      expect((await dump(dir)).lines.size).toBe(4);
    });
  });

  describe("when acknowledged lines are gone", () => {
    it("says which and never uses their sequences again", async () => {
      const { dir, lock, reports, open } = setUp();
      await (await open()).append(lines(5));
      lock.breakAll();
      for (const part of ["jsonl", "idx"]) rmSync(join(dir, `${STEM}.${part}`));
      const producer = await open();
      expect(reports).toEqual([{ kind: "lines_missing", from: 1, to: 5 }]);
      expect((await producer.append(lines(1))).first).toBe(6);
      await producer.close();
    });
  });

  describe("when spool.json is damaged", () => {
    it("takes the id from a manifest", async () => {
      const { disk, reports, open } = inMemory();
      const first = await open();
      await first.append(lines(1));
      await first.close();
      disk.put("/spool/spool.json", line("garbage"));
      const second = await open();
      expect(second.spoolId).toBe(first.spoolId);
      expect(reports).toContainEqual({ kind: "identity_restored", spool_id: first.spoolId });
    });
  });

  describe("when the torn tail cannot be kept for want of room", () => {
    it("leaves it in place and starts another segment", async () => {
      const { disk, reports, open } = inMemory();
      await (await open()).append(lines(2));
      const path = `/spool/${STEM}.jsonl`;
      const tail = Uint8Array.from([...(disk.snapshot().get(path) ?? []), ...line("torn")]);
      disk.put(path, tail);
      disk.fault = (operation, at) =>
        operation === "create" && at.includes("quarantine") ? "ENOSPC" : null;
      const producer = await open();
      disk.fault = () => null;
      expect(reports[0]).toMatchObject({ kind: "torn_tail", bytes: 4, kept_bytes: 0 });
      expect((await producer.append(lines(1, 3))).first).toBe(3);
      await producer.close();
      expect([...disk.snapshot().keys()]).toContain("/spool/00000000000000000003.jsonl");
      expect((await dump("/spool", disk.files)).lines.size).toBe(3);
    });
  });

  describe("when closed segments lack manifests", () => {
    it("reports them and finishes one at a time", async () => {
      const { disk, reports, open } = inMemory({ segment_max_bytes: 20 });
      const first = await open();
      for (let at = 1; at <= 4; at += 1) await first.append(lines(2, at));
      for (const path of disk.snapshot().keys()) {
        if (path.endsWith("manifest.json")) await disk.files.unlink(path);
      }
      const second = await open();
      expect(reports.filter((report) => report.kind === "manifest_missing")).toHaveLength(3);
      expect((await second.stats()).unsealed_segments).toBe(3);
      await second.maintain();
      expect((await second.stats()).unsealed_segments).toBe(2);
    });
  });

  describe("when the quarantine is not a directory", () => {
    it("opens all the same", async () => {
      const { dir, lock, open } = setUp();
      await (await open()).append(lines(1));
      lock.breakAll();
      mkdirSync(join(dir, "elsewhere"));
      symlinkSync(join(dir, "elsewhere"), join(dir, "quarantine"));
      rmSync(join(dir, `${STEM}.idx`));
      const producer = await open();
      expect((await producer.append(lines(1))).first).toBe(2);
      await producer.close();
      expect(readdirSync(join(dir, "elsewhere"))).toEqual([]);
    });
  });
});

function failing(operations: readonly Operation[], errno: string) {
  return (operation: Operation) => (operations.includes(operation) ? errno : null);
}

function throwing(): never {
  throw new Error("listener");
}
