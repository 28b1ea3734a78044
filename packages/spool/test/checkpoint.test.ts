import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCheckpointClaim } from "../src/index.ts";
import { tempDir } from "./support.ts";

const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const GOOD = {
  schema_version: 1,
  spool_id: ID,
  sequence: 5,
  updated_at: "2026-01-01T00:00:00.000Z",
};

async function claim(path: string) {
  return await readCheckpointClaim(path, { lastSequence: 10, spoolId: ID });
}

function fileWith(content: string): string {
  const path = join(tempDir(), "checkpoint.json");
  writeFileSync(path, content);
  return path;
}

function fileAt(path: string): string {
  writeFileSync(path, "");
  return path;
}

describe("readCheckpointClaim", () => {
  describe("when it is sound", () => {
    it("is read", async () => {
      const read = { kind: "read", checkpoint: GOOD };
      expect(await claim(fileWith(JSON.stringify(GOOD)))).toEqual(read);
      const last = { ...GOOD, sequence: 10 };
      expect((await claim(fileWith(JSON.stringify(last)))).kind).toBe("read");
    });
  });

  describe("when it claims what was never written", () => {
    it("is ignored", async () => {
      const beyond = { ...GOOD, sequence: 11 };
      expect(await claim(fileWith(JSON.stringify(beyond)))).toEqual({
        kind: "beyond",
        sequence: 11,
      });
    });
  });

  describe("when it is of another spool", () => {
    it("is ignored", async () => {
      const other = { ...GOOD, spool_id: "01BX5ZZKBKACTAV9WEVGEMMVRZ" };
      const outcome = { kind: "other_spool", spool_id: other.spool_id };
      expect(await claim(fileWith(JSON.stringify(other)))).toEqual(outcome);
    });
  });

  describe("when it is not a small regular file", () => {
    // Windows has no pipes with a path in a directory.
    it.skipIf(process.platform === "win32")("is not read", async () => {
      const dir = tempDir();
      const path = (name: string) => join(dir, name);
      symlinkSync(fileWith(JSON.stringify(GOOD)), path("link"));
      mkdirSync(path("dir"));
      execFileSync("/usr/bin/env", ["mkfifo", path("pipe")]);
      writeFileSync(path("huge"), "");
      truncateSync(path("huge"), 2 ** 40);
      expect(await claim(path("none"))).toEqual({ kind: "absent" });
      expect(await claim(path("link"))).toEqual({ kind: "not_regular" });
      expect(await claim(path("dir"))).toEqual({ kind: "not_regular" });
      expect(await claim(path("pipe"))).toEqual({ kind: "not_regular" });
      expect(await claim(path("huge"))).toEqual({ kind: "too_large", size: 2 ** 40 });
    });
  });

  describe("when it was cut at any length, or one byte of it changed", () => {
    it("is believed only where it still says all of it", async () => {
      const text = JSON.stringify(GOOD);
      for (let at = 0; at < text.length; at += 1) {
        expect((await claim(fileWith(text.slice(0, at)))).kind).toBe("invalid");
        const bytes = Buffer.from(text);
        bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        const path = join(tempDir(), "checkpoint.json");
        writeFileSync(path, bytes);
        const { kind } = await claim(path);
        // The time says nothing of what was consumed.
        if (kind === "read") expect(at).toBeGreaterThan(text.indexOf("updated_at"));
      }
    });
  });

  describe("when it changes at each read", () => {
    // Windows has no pipes with a path in a directory.
    it.skipIf(process.platform === "win32")(
      "never throws, and is believed up to the end only",
      async () => {
        const dir = tempDir();
        const path = join(dir, "checkpoint.json");
        const made = [
          () => writeFileSync(join(dir, "next"), JSON.stringify({ ...GOOD, sequence: 2 ** 51 })),
          () => writeFileSync(join(dir, "next"), JSON.stringify({ ...GOOD, sequence: -1 })),
          () => writeFileSync(join(dir, "next"), JSON.stringify(GOOD)),
          () => symlinkSync("/dev/zero", join(dir, "next")),
          () => execFileSync("/usr/bin/env", ["mkfifo", join(dir, "next")]),
          () => truncateSync(fileAt(join(dir, "next")), 2 ** 40),
        ];
        const kinds = new Set<string>();
        for (let round = 0; round < 120; round += 1) {
          const reading = claim(path);
          made[round % made.length]?.();
          renameSync(join(dir, "next"), path);
          const outcome = await reading;
          kinds.add(outcome.kind);
          if (outcome.kind === "read") expect(outcome.checkpoint.sequence).toBe(GOOD.sequence);
        }
        expect(kinds.size).toBeGreaterThan(1);
      },
    );
  });

  describe("when it is anything else", () => {
    it("never throws and is never believed", async () => {
      const path = fileWith("");
      const wild = fc.oneof(
        fc.string(),
        fc.json(),
        fc.record({ sequence: fc.anything() }).map((more) => JSON.stringify({ ...GOOD, ...more })),
      );
      await fc.assert(
        fc.asyncProperty(wild, async (content) => {
          writeFileSync(path, content);
          const outcome = await claim(path);
          if (outcome.kind !== "read") return;
          expect(outcome.checkpoint.sequence).toBeGreaterThanOrEqual(0);
          expect(outcome.checkpoint.sequence).toBeLessThanOrEqual(10);
        }),
        { numRuns: 200 },
      );
    });
  });
});
