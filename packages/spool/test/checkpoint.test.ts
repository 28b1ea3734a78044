import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
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
