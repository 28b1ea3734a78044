import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openProducer, openQuarantine, repairSpool, verifySpool } from "../src/index.ts";
import { dump, lines, makeClock, makeLock, realFiles, tempDir, testHash } from "./support.ts";

const stem = (first: number) => String(first).padStart(20, "0");

/** Closed segments of three lines each: 1–3, 4–6, 7–9; closed or killed in a fourth. */
async function setUp(killed = false) {
  const dir = join(tempDir(), "events");
  const lock = makeLock();
  const ports = { hash: testHash, lock, clock: makeClock(), files: realFiles };
  const open = async () => await openProducer({ dir, ...ports });
  const producer = await open();
  for (const at of [1, 4, 7, 10]) {
    await producer.append(lines(3, at));
    if (at < 10) await producer.roll();
  }
  if (killed) lock.breakAll();
  else await producer.close();
  const path = (first: number, part: string) => join(dir, `${stem(first)}.${part}`);
  const repair = async (dryRun = false) => await repairSpool({ dir, dryRun, ...ports });
  const verify = async () => await verifySpool(dir, ports);
  return { dir, path, repair, verify, open, lock };
}

function contents(dir: string): ReadonlyMap<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true });
  const plain = names.filter((entry) => entry.isFile());
  return new Map(
    plain.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, "latin1")];
    }),
  );
}

describe("repairSpool", () => {
  describe("when nothing is wrong", () => {
    it("does nothing", async () => {
      const { dir, repair, verify } = await setUp();
      const before = contents(dir);
      expect(await repair()).toEqual({ dry_run: false, actions: [], reports: [] });
      expect(contents(dir)).toEqual(before);
      expect((await verify()).ok).toBe(true);
    });
  });

  describe("when a producer holds the lock", () => {
    it("refuses with SIGIL_SPOOL_LOCKED", async () => {
      const { open, repair } = await setUp();
      const producer = await open();
      await expect(repair()).rejects.toMatchObject({ code: "SIGIL_SPOOL_LOCKED" });
      await producer.close();
    });
  });

  describe.each(["gone", "cut", "garbage"])("when the index of a closed segment is %s", (how) => {
    it("makes it again from lines that the manifest proves", async () => {
      const { dir, path, repair, verify } = await setUp();
      const before = readFileSync(path(4, "idx"));
      if (how === "gone") rmSync(path(4, "idx"));
      else writeFileSync(path(4, "idx"), how === "cut" ? before.subarray(0, 17) : "x".repeat(36));
      const damaged = how === "gone" ? null : readFileSync(path(4, "idx"), "latin1");
      expect((await verify()).ok).toBe(false);
      const { actions } = await repair();
      expect(actions.map((action) => action.kind)).toEqual(["index_rebuilt"]);
      expect(readFileSync(path(4, "idx"))).toEqual(before);
      const aside = join(dir, "quarantine", `${stem(4)}.idx.moved`);
      if (how !== "gone") expect(readFileSync(aside, "latin1")).toBe(damaged);
      expect((await verify()).ok).toBe(true);
      expect((await dump(dir)).lines.size).toBe(12);
    });
  });

  describe("when lines and index were both changed", () => {
    it("vouches for nothing and leaves the lines", async () => {
      const { path, repair, verify } = await setUp();
      writeFileSync(path(4, "jsonl"), readFileSync(path(4, "jsonl"), "utf8").replace("5", "6"));
      rmSync(path(4, "idx"));
      const { actions } = await repair();
      expect(actions.map((action) => action.kind)).toEqual(["lines_unproven"]);
      expect(readFileSync(path(4, "jsonl"), "utf8")).toContain('{"n":6}');
      expect((await verify()).faults.map((fault) => fault.kind)).toContain("segment_digest");
    });
  });

  describe("when a closed segment has more than its manifest says", () => {
    it("moves the rest to quarantine", async () => {
      const { dir, path, repair, verify } = await setUp();
      writeFileSync(path(4, "jsonl"), "more", { flag: "a" });
      const { actions, reports } = await repair();
      expect(actions.map((action) => action.kind)).toEqual(["tail_cut"]);
      expect(reports[0]).toMatchObject({ kind: "torn_tail", bytes: 4, kept_bytes: 4 });
      const quarantine = await openQuarantine({ dir: join(dir, "quarantine"), clock: makeClock() });
      expect(await quarantine.list()).toHaveLength(1);
      expect((await verify()).ok).toBe(true);
    });
  });

  describe("when a manifest is garbage", () => {
    it("keeps it, writes a new one, and does not mend the chain", async () => {
      const { path, repair, verify } = await setUp();
      writeFileSync(path(4, "manifest.json"), "garbage");
      const { actions } = await repair();
      expect(actions.map((action) => action.kind)).toEqual([
        "manifest_quarantined",
        "manifest_written",
      ]);
      const { faults } = await verify();
      expect(faults.every((fault) => fault.kind === "chain_broken")).toBe(true);
    });
  });

  describe("when a manifest or the id of the spool is longer than anything that is read", () => {
    it("keeps both as they were", async () => {
      const { dir, path, repair } = await setUp();
      const garbage = "x".repeat(100_000);
      writeFileSync(path(4, "manifest.json"), garbage);
      writeFileSync(join(dir, "spool.json"), garbage);
      await repair();
      const kept = (name: string) => readFileSync(join(dir, "quarantine", name), "utf8");
      expect(kept(`${stem(4)}.manifest.json.moved`)).toBe(garbage);
      expect(kept("spool.json.moved")).toBe(garbage);
    });
  });

  describe("when a segment is a link, a directory stands for an index, or the id is garbage", () => {
    it("moves them aside, and a producer opens the spool again", async () => {
      const { dir, path, repair, open } = await setUp(true);
      const target = join(tempDir(), "target");
      writeFileSync(target, "untouched\n");
      rmSync(path(10, "jsonl"));
      symlinkSync(target, path(10, "jsonl"));
      rmSync(path(4, "idx"));
      mkdirSync(path(4, "idx"));
      writeFileSync(join(dir, "spool.json"), "{}");
      const { actions } = await repair();
      const kinds = actions.map((action) => action.kind);
      expect(kinds.filter((kind) => kind === "moved_aside")).toHaveLength(2);
      const producer = await open();
      expect((await producer.append(lines(1))).first).toBe(13);
      await producer.close();
      expect(readFileSync(target, "utf8")).toBe("untouched\n");
      expect((await dump(dir)).lines.size).toBe(10);
    });
  });

  describe.each(["repair", "the next producer"])(
    "when a line was damaged before %s closed its segment",
    (who) => {
      it.each([10, 11, 12])(
        "never vouches for line %i, however often it runs",
        async (sequence) => {
          const { dir, path, repair, verify, open } = await setUp(true);
          const sound = readFileSync(path(10, "jsonl"), "utf8");
          const damaged = sound.replace(`{"n":${sequence}}`, `{"n":${sequence + 80}}`);
          writeFileSync(path(10, "jsonl"), damaged);
          if (who === "repair") await repair();
          else await (await open()).close();
          const kept = await dump(dir);
          expect([10, 11, 12].filter((at) => !kept.lines.has(at))).toEqual([sequence]);
          expect(await repair()).toMatchObject({ actions: [] });
          expect((await dump(dir)).lines).toEqual(kept.lines);
          // The manifest was made over the damaged bytes: it proves every line but that one.
          rmSync(path(10, "idx"));
          expect((await repair()).actions.map(({ kind }) => kind)).toEqual(["index_rebuilt"]);
          expect((await dump(dir)).lines).toEqual(kept.lines);
          expect((await repair()).actions).toEqual([]);
          const { faults } = await verify();
          expect(faults.map((fault) => [fault.kind, fault.sequence])).toEqual([
            ["line_corrupt", sequence],
          ]);
        },
      );
    },
  );

  describe("when an index was lost before its segment had a manifest", () => {
    it("never vouches for its lines", async () => {
      const { dir, path, repair } = await setUp();
      rmSync(path(4, "manifest.json"));
      rmSync(path(4, "idx"));
      for (let round = 0; round < 3; round += 1) await repair();
      expect([...(await dump(dir)).lines.keys()]).toEqual([1, 2, 3, 7, 8, 9, 10, 11, 12]);
    });
  });

  describe("when more lines are damaged than a manifest can name one by one", () => {
    it("vouches for none of them, and the manifest can be read", async () => {
      const dir = join(tempDir(), "events");
      const ports = { hash: testHash, lock: makeLock(), clock: makeClock(), files: realFiles };
      const producer = await openProducer({ dir, ...ports });
      await producer.append(lines(400));
      ports.lock.breakAll();
      const path = join(dir, `${stem(1)}.jsonl`);
      const text = readFileSync(path, "utf8");
      writeFileSync(
        path,
        text.replaceAll(/(\d*[02468])\}/g, (_, n) => `${"x".repeat(n.length)}}`),
      );
      await repairSpool({ dir, ...ports });
      rmSync(join(dir, `${stem(1)}.idx`));
      expect(await repairSpool({ dir, ...ports })).toMatchObject({
        actions: [{ kind: "index_rebuilt" }],
      });
      const odd = [...(await dump(dir)).lines].every(([at]) => at % 2 === 1);
      expect(odd).toBe(true);
      expect((await dump(dir)).lines.size).toBeGreaterThan(30);
    });
  });

  describe("when the last segment is torn", () => {
    it("recovers and closes it", async () => {
      const { path, repair, verify } = await setUp(true);
      writeFileSync(path(10, "jsonl"), "torn", { flag: "a" });
      const { actions, reports } = await repair();
      expect(reports.map((report) => report.kind)).toEqual(["torn_tail"]);
      expect(actions).toEqual([]);
      expect((await verify()).ok).toBe(true);
    });
  });

  describe("when it is a dry run", () => {
    it("says the same and changes nothing", async () => {
      const { dir, path, repair } = await setUp(true);
      rmSync(path(1, "idx"));
      mkdirSync(path(1, "idx"));
      writeFileSync(path(4, "manifest.json"), "garbage");
      writeFileSync(path(7, "jsonl"), "more", { flag: "a" });
      writeFileSync(path(10, "jsonl"), "torn", { flag: "a" });
      writeFileSync(join(dir, ".x.tmp"), "");
      const before = contents(dir);
      const dry = await repair(true);
      expect(contents(dir)).toEqual(before);
      const real = await repair();
      expect(dry.actions.map((action) => [action.kind, action.segment])).toEqual(
        real.actions.map((action) => [action.kind, action.segment]),
      );
      expect(dry.reports.map((report) => report.kind)).toEqual(
        real.reports.map((report) => report.kind),
      );
      expect(real.actions.length).toBeGreaterThan(3);
    });
  });
});
