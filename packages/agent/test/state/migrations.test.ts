import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../src/state/migrations.ts";
import { openState } from "../../src/state/database.ts";

/** Of each released step: a step is never edited, a change is a new one. */
const RELEASED: readonly string[] = [];

describe("the schema", () => {
  describe("when steps have been released", () => {
    it("begins with those very steps", () => {
      const digests = MIGRATIONS.map((step) => createHash("sha256").update(step).digest("hex"));
      expect(digests.slice(0, RELEASED.length)).toEqual(RELEASED);
    });
  });

  describe("when all steps are taken", () => {
    it("finds a directory's entries and an inode by index", () => {
      const { db } = openState(":memory:", 0);
      const plan = (query: string) =>
        (db.prepare(`EXPLAIN QUERY PLAN ${query}`).all() as { detail: string }[])
          .map(({ detail }) => detail)
          .join("; ");
      expect(plan("SELECT * FROM paths WHERE parent = x'2f'")).toContain("paths_by_parent");
      expect(plan("SELECT * FROM paths WHERE ino = 1 AND dev = 1")).toContain("paths_by_inode");
      expect(plan("SELECT path FROM paths WHERE path >= x'2f' AND path < x'30'")).toContain("PRIMARY KEY");
      db.close();
    });
  });
});
