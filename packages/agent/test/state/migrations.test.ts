import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { openState } from "../../src/state/database.ts";
import { MIGRATIONS } from "../../src/state/migrations.ts";
import { openStore } from "../../src/state/store.ts";
import { snapshot, write } from "../build.ts";

describe("the schema", () => {
  describe("when all steps are taken", () => {
    it("finds a directory's entries, a path, an inode and what was removed by index", () => {
      const { db } = openState(":memory:", 0);
      const plan = (query: string) =>
        (db.prepare(`EXPLAIN QUERY PLAN ${query}`).all() as { detail: string }[])
          .map(({ detail }) => detail)
          .join("; ");
      expect(plan("SELECT * FROM paths WHERE parent = x'2f'")).toContain("paths_by_place");
      expect(plan("SELECT * FROM paths WHERE parent = x'2f' AND path = x'2f'")).toContain(
        "paths_by_place (parent=? AND path=?)",
      );
      expect(plan("SELECT parent FROM paths WHERE parent >= x'2f' AND parent < x'30'")).toContain(
        "COVERING INDEX paths_by_place",
      );
      expect(plan("SELECT * FROM paths WHERE ino = 1 AND dev = 1")).toContain("paths_by_inode");
      expect(plan("SELECT rowid FROM paths WHERE removed_at < 1")).toContain("paths_by_removal");
      db.close();
    });
  });

  describe("when an agent of before the third step left a database", () => {
    let dir: TempDir;
    beforeEach(() => {
      dir = tempDir();
    });
    afterEach(() => dir.remove());

    it("keeps every path with all it knew of it", () => {
      const old = new Database(dir.at("state.db"));
      for (const step of MIGRATIONS.slice(0, 2)) old.exec(step);
      old.pragma("user_version = 2");
      old.exec(`INSERT INTO paths VALUES
        (CAST('/d/b' AS BLOB), CAST('/d' AS BLOB), 3, 7, NULL, 't', 'file', 1, 10, 5, 1000, 1000, 500, 420, 1000, 1000, zeroblob(32), NULL, NULL),
        (CAST('/d/a' AS BLOB), CAST('/d' AS BLOB), 4, 0, 99, 't', 'file', 1, 11, 5, 1000, 1000, 500, 420, 1000, 1000, NULL, 'too_large', 'x')`);
      old.close();
      const store = openStore(openState(dir.at("state.db"), 0).db);
      const digest = `blake3:${"0".repeat(64)}` as const;
      expect(store.get("/d/b")).toEqual({
        snapshot: snapshot({ digest }),
        generation: 3,
        touchedAt: 7,
      });
      expect(store.get("/d/a")).toEqual({ snapshot: null, generation: 4, touchedAt: 0 });
      store.commit([write("/d/b", { generation: 4 })]);
      expect(store.get("/d/b")?.generation).toBe(4);
      expect(store.below("/d", 10)).toEqual(["/d/b"]);
      store.close();
    });
  });
});
