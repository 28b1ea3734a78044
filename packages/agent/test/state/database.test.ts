import * as fs from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { openState, openStateReadOnly } from "../../src/state/database.ts";
import { MIGRATIONS } from "../../src/state/migrations.ts";
import { openStore } from "../../src/state/store.ts";
import { write } from "../build.ts";

let dir: TempDir;
let path: string;
beforeEach(() => {
  dir = tempDir();
  path = dir.at("state.db");
});
afterEach(() => dir.remove());

/** A closed database with `count` paths in it. @returns its epoch */
function fill(count: number): string {
  const { db } = openState(path, 0);
  const store = openStore(db);
  store.commit(Array.from({ length: count }, (_, index) => write(`/some/where/${index}`)));
  const { epoch } = store;
  store.close();
  return epoch;
}

/** Opens what is there and says what became of it. */
function reopen() {
  const { db, setAside } = openState(path, 1234);
  const store = openStore(db);
  const kept = store.get("/some/where/0") !== null;
  store.close();
  return { setAside, kept, epoch: store.epoch };
}

describe("openState", () => {
  describe("when there is none", () => {
    it("makes one, for this user alone, with the newest schema", () => {
      const { db, setAside } = openState(path, 0);
      expect(setAside).toBeNull();
      expect(fs.statSync(path).mode & 0o777).toBe(0o600);
      expect(db.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length);
      expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
      db.close();
    });
  });

  describe("when there is one", () => {
    it("keeps its contents and its epoch", () => {
      const epoch = fill(3);
      expect(reopen()).toEqual({ setAside: null, kept: true, epoch });
    });
  });

  describe("when it has no bytes", () => {
    it("begins a new one in it", () => {
      dir.write("state.db", "");
      expect(reopen()).toMatchObject({ setAside: null, kept: false });
    });
  });

  describe("when it is garbage", () => {
    it("sets it aside, bytes and all, and begins a new one", () => {
      const garbage = Buffer.alloc(10_000, "not a database ");
      dir.write("state.db", garbage);
      const { setAside, kept } = reopen();
      expect(kept).toBe(false);
      expect(setAside).toBe(`${path}.damaged-1234`);
      expect(fs.readFileSync(`${path}.damaged-1234`)).toEqual(garbage);
      expect(reopen().setAside).toBeNull();
    });
  });

  describe("when its end is missing", () => {
    it("sets it aside and begins a new one with an epoch of its own", () => {
      const epoch = fill(2000);
      fs.truncateSync(path, fs.statSync(path).size / 2);
      const after = reopen();
      expect(after.setAside).toBe(`${path}.damaged-1234`);
      expect(after.epoch).not.toBe(epoch);
    });
  });

  describe("when pages in its middle are overwritten", () => {
    it("sets it aside", () => {
      fill(2000);
      const { size } = fs.statSync(path);
      const file = fs.openSync(path, "r+");
      fs.writeSync(file, Buffer.alloc(size - 8192, 0xff), 0, size - 8192, 4096);
      fs.closeSync(file);
      expect(reopen().setAside).not.toBeNull();
    });
  });

  describe("when a write-ahead log lies beside garbage", () => {
    it("is not played into the new one", () => {
      fill(10);
      const { db } = openState(path, 0);
      openStore(db).commit([write("/late")]);
      fs.copyFileSync(`${path}-wal`, dir.at("log"));
      db.close();
      dir.write("state.db", Buffer.alloc(10_000, "x"));
      fs.copyFileSync(dir.at("log"), `${path}-wal`);
      expect(reopen()).toMatchObject({ kept: false, setAside: `${path}.damaged-1234` });
      expect(reopen()).toMatchObject({ kept: false, setAside: null });
    });
  });

  describe("when a newer version made it", () => {
    it("refuses it and leaves it as it is", () => {
      fill(1);
      const db = new Database(path);
      db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
      db.close();
      expect(() => openState(path, 0)).toThrow(
        expect.objectContaining({ code: "SIGIL_STATE_NEWER" }),
      );
      expect(fs.readdirSync(dir.path).filter((name) => name.includes("damaged"))).toEqual([]);
    });
  });

  describe("when it cannot be a database", () => {
    it("says so, and moves nothing", () => {
      dir.mkdir("state.db");
      expect(() => openState(path, 0)).toThrow(
        expect.objectContaining({ code: "SIGIL_STATE_UNUSABLE" }),
      );
      expect(fs.statSync(path).isDirectory()).toBe(true);
    });

    it("takes no other program's database, whatever version it says", () => {
      for (const version of [0, MIGRATIONS.length]) {
        const db = new Database(path);
        db.exec("CREATE TABLE IF NOT EXISTS theirs (x)");
        db.pragma(`user_version = ${version}`);
        db.close();
        expect(() => openState(path, 0)).toThrow(
          expect.objectContaining({ code: "SIGIL_STATE_UNUSABLE" }),
        );
        expect(fs.readdirSync(dir.path).filter((name) => name.includes("damaged"))).toEqual([]);
      }
    });

    it("says so when its directory is missing", () => {
      expect(() => openState(dir.at("no/state.db"), 0)).toThrow(
        expect.objectContaining({ code: "SIGIL_STATE_UNUSABLE" }),
      );
    });
  });

  describe("when a migration is half done", () => {
    it("is not: schema and version change in one transaction", () => {
      const db = new Database(path);
      db.exec("CREATE TABLE paths (x)");
      db.close();
      expect(() => openState(path, 0)).toThrow(
        expect.objectContaining({ code: "SIGIL_STATE_UNUSABLE" }),
      );
      const after = new Database(path);
      const tables = after.prepare("SELECT name FROM sqlite_master").pluck().all();
      expect(tables).toEqual(["paths"]);
      after.close();
    });
  });
});

describe("openStateReadOnly", () => {
  describe("when there is none", () => {
    it("makes none", () => {
      expect(openStateReadOnly(path)).toBeNull();
      expect(fs.existsSync(path)).toBe(false);
    });
  });

  describe("when another writes", () => {
    it("reads beside it, and cannot write", () => {
      const { db } = openState(path, 0);
      const store = openStore(db);
      const reader = openStateReadOnly(path);
      store.commit([write("/a")]);
      expect(reader?.prepare("SELECT count(*) FROM paths").pluck().get()).toBe(1);
      expect(() => reader?.exec("DELETE FROM paths")).toThrow(/readonly/);
      reader?.close();
      store.close();
    });
  });

  describe("when it is garbage", () => {
    it("says so and leaves it alone", () => {
      dir.write("state.db", Buffer.alloc(10_000, "x"));
      expect(() => openStateReadOnly(path)).toThrow(
        expect.objectContaining({ code: "SIGIL_STATE_UNUSABLE" }),
      );
      expect(fs.readdirSync(dir.path)).toEqual(["state.db"]);
    });
  });
});
