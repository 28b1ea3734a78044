import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openQuarantine, type SpoolSettings } from "../src/index.ts";
import { line, makeClock, tempDir, text } from "./support.ts";

function setUp(settings: Partial<SpoolSettings> = {}) {
  const dir = join(tempDir(), "quarantine");
  const open = async () => await openQuarantine({ dir, clock: makeClock(), settings });
  return { dir, open };
}

describe("quarantine", () => {
  describe("when something is put", () => {
    it("gives it back, also after it was opened again", async () => {
      const { dir, open } = setUp();
      const { id } = await (
        await open()
      ).put({ sequence: 7, reason: "refused", payload: line("a\nb") });
      const entry = await (await open()).read(id);
      expect(entry?.header).toEqual({
        schema_version: 1,
        sequence: 7,
        reason: "refused",
        put_at: "2026-01-01T00:00:00.000Z",
        bytes: 3,
        kept_bytes: 3,
      });
      expect(text(entry?.payload ?? line(""))).toBe("a\nb");
      expect(statSync(join(dir, id)).mode & 0o777).toBe(0o640);
    });
  });

  describe("when it has too many entries", () => {
    it("drops the oldest and counts it", async () => {
      const { open } = setUp({ quarantine_max_entries: 2 });
      const quarantine = await open();
      for (let at = 1; at <= 4; at += 1) {
        const { evicted } = await quarantine.put({ sequence: at, reason: "r", payload: line("x") });
        expect(evicted).toBe(at > 2 ? 1 : 0);
      }
      expect((await quarantine.list()).map((entry) => entry.header.sequence)).toEqual([3, 4]);
      expect(quarantine.stats()).toMatchObject({ entries: 2, evicted: 2 });
    });
  });

  describe("when it has too many bytes", () => {
    it("drops as many of the oldest as it must", async () => {
      const { dir, open } = setUp({ quarantine_max_bytes: 1000 });
      const quarantine = await open();
      const put = async (size: number) =>
        await quarantine.put({ sequence: null, reason: "r", payload: line("x".repeat(size)) });
      await put(200);
      await put(200);
      expect((await put(700)).evicted).toBe(2);
      expect(readdirSync(dir)).toHaveLength(1);
    });
  });

  describe("when one payload is too long", () => {
    it("keeps its beginning and says how long it was", async () => {
      const { open } = setUp({ quarantine_entry_max_bytes: 10 });
      const quarantine = await open();
      const payload = line("0123456789abcdef");
      const { id, kept_bytes } = await quarantine.put({ sequence: 1, reason: "r", payload });
      expect(kept_bytes).toBe(10);
      expect((await quarantine.read(id))?.header).toMatchObject({ bytes: 16, kept_bytes: 10 });
    });
  });

  describe("when an id is not one of its entries", () => {
    it("reads nothing", async () => {
      const quarantine = await setUp().open();
      expect(await quarantine.read("../../etc/passwd")).toBeNull();
      expect(await quarantine.read("000000000009.entry")).toBeNull();
    });
  });
});
