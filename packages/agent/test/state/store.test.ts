import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawKey } from "@sigil/core/plain";
import { joinKey, keyOfBytes } from "../../src/fs/keys.ts";
import type { Store } from "../../src/state/store.ts";
import { findingsOf } from "../../src/sweep/rows.ts";
import { memoryStore, rowsOf, snapshot, write } from "../build.ts";

let store: Store;
beforeEach(() => {
  store = memoryStore();
});
afterEach(() => store.close());

function put(...paths: readonly string[]): void {
  store.commit(paths.map((path) => write(path)));
}

describe("openStore", () => {
  describe("when it is new", () => {
    it("has an epoch of its own", () => {
      const other = memoryStore();
      expect(store.epoch).toMatch(/^[0-9a-f]{32}$/);
      expect(other.epoch).not.toBe(store.epoch);
      other.close();
    });
  });

  describe("when a path is committed", () => {
    it("is there with its generation; committed again, the later one", () => {
      expect(store.get("/a")).toBeNull();
      store.commit([write("/a"), write("/a", { generation: 2, touchedAt: 7 })]);
      expect(store.get("/a")).toEqual({ snapshot: snapshot(), generation: 2, touchedAt: 7 });
    });

    it("is gone when it was removed, and its generation stays", () => {
      store.commit([write("/a", { generation: 5, removedAt: 99 })]);
      expect(store.get("/a")).toEqual({ snapshot: null, generation: 5, touchedAt: 0 });
    });

    it("is none when one of its group cannot be: all or nothing", () => {
      const bad = write("/b", { targetId: null as unknown as string });
      expect(() => store.commit([write("/a"), bad])).toThrow(/NOT NULL/);
      expect(store.get("/a")).toBeNull();
    });
  });

  describe("when paths below a directory are asked for", () => {
    it("takes nothing of a name literally: %, _, *, [ and ? mean themselves", () => {
      put("/a%/x", "/ab/x", "/a_/x", "/a*/x", "/a[b]/x", "/a?/x");
      for (const directory of ["/a%", "/a_", "/a*", "/a[b]", "/a?"])
        expect(store.below(directory, 10)).toEqual([`${directory}/x`]);
    });

    it("has the path itself and all levels, and no sibling that begins alike", () => {
      put("/a", "/a/b", "/a/b/c", "/a-b", "/a.b", "/a0", "/ab", "/A/b");
      expect(store.below("/a", 10).toSorted()).toEqual(["/a", "/a/b", "/a/b/c"]);
    });

    it("has names of high bytes, UTF-8 or not", () => {
      const names = ["ÿ", "\u{10ffff}", "~", "\x7f"].map((name) => `/d/${name}`);
      const raw = [rawKey("/d/\xff"), rawKey("/d/\xff\xff/x"), joinKey("/d", Buffer.from([0xfe]))];
      put(...names, ...raw, "/e", "/d0");
      expect(store.below("/d", 99).toSorted()).toEqual([...names, ...raw].toSorted());
      expect(store.below(rawKey("/d/\xff\xff"), 99)).toEqual([rawKey("/d/\xff\xff/x")]);
    });

    it("has everything below the root directory", () => {
      put("/a", "/b/c");
      expect(store.below("/", 10)).toHaveLength(2);
    });

    // On Windows a backslash separates names.
    it.skipIf(process.platform === "win32")("knows that a backslash is part of a name here", () => {
      put("/d\\/x", "/d\\x", "/d\\");
      expect(store.below("/d\\", 10).toSorted()).toEqual(["/d\\", "/d\\/x"]);
    });

    it("leaves out what is gone, and what is over the limit", () => {
      put("/a/1", "/a/2", "/a/3");
      store.commit([write("/a/2", { removedAt: 5 })]);
      expect(store.below("/a", 10).toSorted()).toEqual(["/a/1", "/a/3"]);
      expect(store.below("/a", 1)).toHaveLength(1);
    });
  });

  describe("when an inode is asked for", () => {
    it("has the present paths with it, on that device", () => {
      store.commit([
        write("/a", { snapshot: snapshot({ ino: 7n }) }),
        write("/b", { snapshot: snapshot({ ino: 7n, dev: 2n }) }),
        write("/c", { snapshot: snapshot({ ino: 7n }), removedAt: 3 }),
      ]);
      expect(store.byInode(7n, 1n).map(({ path }) => path)).toEqual(["/a"]);
    });
  });

  describe("when removed paths are pruned", () => {
    beforeEach(() => {
      store.commit([
        write("/old", { removedAt: 100, generation: 41 }),
        write("/new", { removedAt: 300, generation: 7 }),
        write("/here", { generation: 99 }),
      ]);
    });

    it("forgets those removed before the moment, and no others", () => {
      expect(store.prune(200, 10)).toBe(1);
      expect(store.get("/old")).toBeNull();
      expect(store.get("/new")?.generation).toBe(7);
      expect(store.get("/here")?.generation).toBe(99);
    });

    it("raises the floor to the highest generation forgotten, and never lowers it", () => {
      expect(store.generationFloor()).toBe(0);
      store.prune(200, 10);
      expect(store.generationFloor()).toBe(41);
      store.prune(1000, 10);
      expect(store.generationFloor()).toBe(41);
    });

    it("stops at the limit", () => {
      expect(store.prune(1000, 1)).toBe(1);
      expect(store.prune(1000, 1)).toBe(1);
      expect(store.prune(1000, 1)).toBe(0);
    });
  });

  describe("when roots are baselined", () => {
    const one = { rootId: "t\0/a\0", targetId: "t" };
    const two = { rootId: "t\0/b\0", targetId: "t" };

    it("names each target the first time only", () => {
      expect(store.isBaselined(one.rootId)).toBe(false);
      expect(store.completeBaselines([one], 5)).toEqual(["t"]);
      expect(store.completeBaselines([two, { rootId: "u", targetId: "u" }], 6)).toEqual(["u"]);
      expect(store.completeBaselines([one], 7)).toEqual([]);
      expect([one, two].every(({ rootId }) => store.isBaselined(rootId))).toBe(true);
    });
  });

  describe("when plain rows are added", () => {
    it("has each as its finding says, above what was ever pruned, and found by every index", () => {
      store.commit([write("/old", { generation: 7, removedAt: 1 })]);
      store.prune(2, 10);
      const rows = rowsOf("/d/a", "/d/b");
      store.addPlain(rows, () => false);
      const first = findingsOf(rows)[0]?.snapshot;
      expect(store.get("/d/a")).toEqual({ snapshot: first, generation: 8, touchedAt: 0 });
      expect(store.below("/d", 10).toSorted()).toEqual(["/d/a", "/d/b"]);
      expect(store.byInode(first?.ino ?? 0n, first?.dev ?? 0n)).toHaveLength(2);
      expect(store.countTargets().get("t")?.files).toBe(2);
    });

    it("leaves what is stored by now as it is, and what is newer on its way", () => {
      store.commit([write("/d/known"), write("/d/gone", { generation: 3, removedAt: 9 })]);
      const rows = rowsOf("/d/known", "/d/gone", "/d/pending", "/d/new");
      store.addPlain(rows, (path) => path === "/d/pending");
      expect(store.get("/d/known")?.snapshot).toEqual(snapshot());
      expect(store.get("/d/gone")).toEqual({ snapshot: null, generation: 3, touchedAt: 0 });
      expect(store.get("/d/pending")).toBeNull();
      expect(store.get("/d/new")?.generation).toBe(1);
    });
  });

  describe("when a target is counted", () => {
    it("has the files and bytes that are there", () => {
      store.commit([
        write("/a"),
        write("/b"),
        write("/c", { removedAt: 1 }),
        write("/d", { targetId: "u" }),
      ]);
      expect(store.countTargets().get("t")).toEqual({ files: 2, bytes: 10 });
      expect(store.countTargets().get("none")).toBeUndefined();
    });
  });

  describe("when a fact is noted", () => {
    it("is kept under its name, the last one", () => {
      expect(store.getMeta("k")).toBeNull();
      store.setMeta("k", "1");
      store.setMeta("k", "2");
      expect(store.getMeta("k")).toBe("2");
    });
  });

  describe("when a path's bytes are not UTF-8", () => {
    it("is found by its key", () => {
      const key = keyOfBytes(Buffer.from([0x2f, 0xc3, 0x28]));
      put(key);
      expect(store.get(key)).not.toBeNull();
      expect(store.byInode(10n, 1n)[0]?.path).toBe(key);
    });
  });
});
