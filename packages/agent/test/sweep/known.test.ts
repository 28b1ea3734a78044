import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawKey } from "@sigil/core/plain";
import { joinKey } from "../../src/fs/keys.ts";
import { openState, type Db } from "../../src/state/database.ts";
import { openStore } from "../../src/state/store.ts";
import { openKnownPaths, type KnownPaths } from "../../src/sweep/known.ts";
import { snapshot, write } from "../build.ts";

let db: Db;
let known: KnownPaths;
beforeEach(() => {
  ({ db } = openState(":memory:", 0));
  known = openKnownPaths(db);
});
afterEach(() => db.close());

describe("openKnownPaths", () => {
  describe("when a directory is asked for", () => {
    it("has its own entries, gone ones too, and none below", () => {
      openStore(db).commit([
        write("/d/a"),
        write("/d/b", { removedAt: 1 }),
        write("/d/e/c"),
        write("/d"),
      ]);
      const rows = known.inDirectory("/d");
      expect([...rows.keys()].toSorted()).toEqual(["/d/a", "/d/b"]);
      expect(rows.get("/d/b")?.removed).toBe(true);
    });

    it("tells names apart that are not UTF-8, or hold U+FFFD themselves", () => {
      const names = [
        joinKey("/d", Buffer.from([0xff])),
        joinKey("/d", Buffer.from([0xfe])),
        "/d/\uFFFD",
      ];
      openStore(db).commit(names.map((name) => write(name)));
      expect([...known.inDirectory("/d").keys()].toSorted()).toEqual(names.toSorted());
    });
  });

  describe("when one path is asked for", () => {
    it("has what a comparison by stat needs", () => {
      const of = snapshot({ incomplete: "unstable", symlinkTarget: "x" });
      openStore(db).commit([write("/d/a", { snapshot: of })]);
      const { dev, ino, size, mtimeNs, ctimeNs, incomplete, symlinkTarget } = of;
      expect(known.one("/d/a")).toEqual({
        removed: false,
        dev,
        ino,
        size,
        mtimeNs,
        ctimeNs,
        incomplete,
        symlinkTarget,
      });
      expect(known.one("/d")).toBeNull();
    });
  });

  describe("when the directories below one are asked for", () => {
    it("names those that have paths in them, each once", () => {
      openStore(db).commit([
        write("/d/a"),
        write("/d/b"),
        write("/d/e/c"),
        write("/d/gone/x", { removedAt: 1 }),
        write(rawKey("/d/\xff/x")),
        write("/dd/x"),
      ]);
      expect([...known.parentsBelow("/d")].toSorted()).toEqual(
        ["/d", "/d/e", "/d/gone", rawKey("/d/\xff")].toSorted(),
      );
    });
  });
});
