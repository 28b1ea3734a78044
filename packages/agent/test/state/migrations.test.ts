import { describe, expect, it } from "vitest";
import { openState } from "../../src/state/database.ts";

describe("the schema", () => {
  describe("when all steps are taken", () => {
    it("finds a directory's entries and an inode by index", () => {
      const { db } = openState(":memory:", 0);
      const plan = (query: string) =>
        (db.prepare(`EXPLAIN QUERY PLAN ${query}`).all() as { detail: string }[])
          .map(({ detail }) => detail)
          .join("; ");
      expect(plan("SELECT * FROM paths WHERE parent = x'2f'")).toContain("paths_by_parent");
      expect(plan("SELECT * FROM paths WHERE ino = 1 AND dev = 1")).toContain("paths_by_inode");
      expect(plan("SELECT path FROM paths WHERE path >= x'2f' AND path < x'30'")).toContain(
        "PRIMARY KEY",
      );
      db.close();
    });
  });
});
