import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMatcher, type PathKey, type Root } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { bytesOfKey, joinKey, parentKey } from "../../src/fs/keys.ts";
import { openState } from "../../src/state/database.ts";
import { openStore, type Store } from "../../src/state/store.ts";
import type { Finding } from "../../src/sweep/finding.ts";
import { openKnownPaths, type KnownPaths } from "../../src/sweep/known.ts";
import { sweep, type SweepContext, type SweepStep } from "../../src/sweep/sweep.ts";
import { hasher, root, settings } from "../build.ts";
import { remember } from "./stored.ts";

vi.mock("node:fs", { spy: true });
const actual = await vi.importActual<typeof fs>("node:fs");

let dir: TempDir;
let store: Store;
let known: KnownPaths;
beforeEach(() => {
  dir = tempDir();
  const { db } = openState(":memory:", 0);
  store = openStore(db);
  known = openKnownPaths(db);
});
afterEach(() => {
  vi.restoreAllMocks();
  store.close();
  dir.remove();
});

interface Ask {
  readonly walk?: readonly number[];
  readonly first?: readonly number[];
  readonly max?: number;
  readonly strays?: boolean;
  readonly owners?: SweepContext["linkOwners"];
}

function steps(roots: readonly Root[], ask: Ask = {}): SweepStep[] {
  const { hash, sweep: limits } = settings({ sweep: { max_entries: ask.max ?? 1000 } });
  const context: SweepContext = {
    roots,
    matcher: createMatcher(roots, "linux"),
    known,
    hasher,
    settings: { hash, sweep: limits },
    linkOwners: ask.owners ?? roots.map(() => null),
  };
  const all = roots.map((_, index) => index);
  const request = { first: new Set(ask.first), strays: ask.strays ?? false };
  return [...sweep(context, { roots: ask.walk ?? all, ...request })];
}

function findings(roots: readonly Root[], ask: Ask = {}): Finding[] {
  return steps(roots, ask).flatMap((step) => (step.kind === "finding" ? [step.finding] : []));
}

/** `kind name` of each finding, names relative to the temp directory. */
function told(roots: readonly Root[], ask: Ask = {}): string[] {
  return findings(roots, ask)
    .map(({ kind, path }) => `${kind} ${path.slice(dir.path.length + 1)}`)
    .toSorted();
}

/** Stores that a stored path is gone. */
function forget(path: PathKey): void {
  const snapshot = store.get(path)?.snapshot;
  if (!snapshot) throw new Error("not stored");
  const place = { path: bytesOfKey(path), parent: bytesOfKey(parentKey(path) ?? path) };
  store.commit([{ ...place, targetId: "t", generation: 2, touchedAt: 0, removedAt: 1, snapshot }]);
}

const tree = (given: Partial<Root> = {}) => root({ base: dir.at("t"), recursive: true, ...given });

describe("sweep", () => {
  describe("when a standard target is seen for the first time", () => {
    const standard = () => root({ base: dir.at("t"), recursive: true, tier: "standard" });
    const plain = (ask: Ask = {}) =>
      steps([standard()], { first: [0], ...ask })
        .flatMap((step) => (step.kind === "plain" ? [step.path] : []))
        .toSorted();

    it("reads its plain files as rows, and looks closely at everything else", () => {
      const paths = ["t/a", "t/b/c"].map((name) => dir.write(name, name));
      fs.symlinkSync(dir.write("far", "x"), dir.at("t/link"));
      fs.writeFileSync(Buffer.from(`${dir.at("t")}/raw-\xff`, "latin1"), "raw");
      expect(plain()).toEqual(process.platform === "linux" ? paths : []);
      expect(told([standard()], { first: [0] })).toHaveLength(process.platform === "linux" ? 2 : 4);
    });

    it("looks closely below a directory that a link leads to", () => {
      dir.write("real/f", "1");
      fs.symlinkSync("real", dir.at("t"));
      expect(plain()).toEqual([]);
      expect(told([standard()], { first: [0] })).toContain("first t/f");
    });

    it("holds no directory open when it ends, early or not", () => {
      for (const name of ["t/a", "t/b/c", "t/d/e"]) dir.write(name, name);
      const open = () => fs.readdirSync("/dev/fd").length;
      const before = open();
      expect(plain()).toHaveLength(process.platform === "linux" ? 3 : 0);
      const { hash, sweep: limits } = settings({});
      const roots = [standard()];
      const matcher = createMatcher(roots, "linux");
      const context = {
        roots,
        matcher,
        known,
        hasher,
        settings: { hash, sweep: limits },
        linkOwners: [null],
      };
      for (const step of sweep(context, { roots: [0], first: new Set([0]), strays: false }))
        if (step.kind === "plain") break;
      expect(open()).toBe(before);
    });
  });

  describe("when nothing is stored of a root without a baseline", () => {
    it("reads every file and gives its snapshot", () => {
      dir.write("t/a", "1");
      dir.write("t/d/b", "22");
      const found = findings([tree()], { first: [0] });
      expect(found.map(({ kind }) => kind)).toEqual(["first", "first"]);
      expect(found[0]).toMatchObject({ path: dir.at("t/a"), snapshot: { size: 1n } });
      const hashed = steps([tree()], { first: [0] }).flatMap((step) =>
        step.kind === "entry" ? [step.hashed] : [],
      );
      expect(hashed.reduce((sum, bytes) => sum + bytes, 0)).toBe(3);
    });

    it("leaves a path to the change path when another root that means it has one", () => {
      dir.write("t/a", "1");
      const roots = [tree(), root({ base: dir.at("t/a"), targetId: "other" })];
      expect(told(roots, { first: [0] })).toEqual(["differs t/a"]);
    });
  });

  describe("when a path several roots mean", () => {
    it("is looked at once", () => {
      dir.write("t/a", "1");
      const roots = [tree(), root({ base: dir.at("t/a"), targetId: "other" })];
      expect(told(roots, { first: [0, 1] })).toEqual(["first t/a"]);
      expect(told(roots, { first: [0, 1], walk: [1] })).toEqual(["first t/a"]);
    });
  });

  describe("when disk and state agree", () => {
    it("finds nothing, and opens nothing", () => {
      for (const name of ["t/a", "t/d/b"]) remember(store, dir.write(name, "1"));
      vi.mocked(fs.openSync).mockClear();
      expect(told([tree()])).toEqual([]);
      expect(fs.openSync).not.toHaveBeenCalled();
    });
  });

  describe("when a file changed, came or came back", () => {
    it("differs, and is left to the change path to read", () => {
      remember(store, dir.write("t/changed", "1"));
      remember(store, dir.write("t/back", "1"));
      fs.unlinkSync(dir.at("t/back"));
      const state = store.get(dir.at("t/back"));
      if (!state?.snapshot) throw new Error("not stored");
      store.commit([
        {
          path: Buffer.from(dir.at("t/back")),
          parent: Buffer.from(dir.at("t")),
          targetId: "t",
          generation: 2,
          touchedAt: 0,
          removedAt: 5,
          snapshot: state.snapshot,
        },
      ]);
      expect(told([tree()])).toEqual([]);
      dir.write("t/changed", "22");
      dir.write("t/new", "1");
      dir.write("t/back", "1");
      expect(told([tree()])).toEqual(["differs t/back", "differs t/changed", "differs t/new"]);
    });

    it("differs when only its mode or its times did", () => {
      remember(store, dir.write("t/a", "1"));
      fs.chmodSync(dir.at("t/a"), 0o700);
      expect(told([tree()])).toEqual(["differs t/a"]);
    });

    it("differs when mtime was set back: ctime tells", () => {
      const path = dir.write("t/a", "1");
      fs.utimesSync(path, 1000, 1000);
      remember(store, path);
      fs.writeFileSync(path, "2");
      fs.utimesSync(path, 1000, 1000);
      expect(told([tree()])).toEqual(["differs t/a"]);
    });

    it("differs when a link says another target, or leads to another file", () => {
      dir.write("one", "1");
      dir.write("two", "1");
      dir.mkdir("t");
      fs.symlinkSync("../one", dir.at("t/link"));
      remember(store, dir.at("t/link"));
      expect(told([tree()])).toEqual(["led t/link"]);
      fs.unlinkSync(dir.at("t/link"));
      fs.symlinkSync("../two", dir.at("t/link"));
      expect(told([tree()])).toEqual(["differs t/link"]);
      remember(store, dir.at("t/link"));
      fs.renameSync(dir.at("one"), dir.at("two"));
      expect(told([tree()])).toEqual(["differs t/link"]);
    });
  });

  describe("when a file is gone", () => {
    it("is gone from a directory that is still there", () => {
      remember(store, dir.write("t/a", "1"));
      remember(store, dir.write("t/b", "1"));
      fs.unlinkSync(dir.at("t/a"));
      expect(told([tree()])).toEqual(["gone t/a"]);
    });

    it("is gone with its directory, and with its base", () => {
      remember(store, dir.write("t/d/e/a", "1"));
      remember(store, dir.write("t/b", "1"));
      fs.rmSync(dir.at("t/d"), { recursive: true });
      expect(told([tree()])).toEqual(["gone t/d/e/a"]);
      fs.rmSync(dir.at("t"), { recursive: true });
      expect(told([tree()])).toEqual(["gone t/b", "gone t/d/e/a"]);
    });

    it("is gone when it is the base", () => {
      remember(store, dir.write("t", "1"));
      fs.unlinkSync(dir.at("t"));
      expect(told([root({ base: dir.at("t") })])).toEqual(["gone t"]);
    });

    it("is gone when it is the base and a directory took its place, or the place of a link", () => {
      fs.mkdirSync(dir.at("elsewhere"));
      fs.symlinkSync(dir.at("elsewhere"), dir.at("t"));
      remember(store, dir.at("t"));
      remember(store, dir.write("settings.json", "1"));
      for (const name of ["t", "settings.json"]) {
        fs.rmSync(dir.at(name));
        fs.mkdirSync(dir.at(name));
      }
      expect(told([tree(), root({ base: dir.at("settings.json") })])).toEqual([
        "gone settings.json",
        "gone t",
      ]);
    });

    it("is gone when a directory or a file took its directory's place", () => {
      remember(store, dir.write("t/d/a", "1"));
      fs.rmSync(dir.at("t/d"), { recursive: true });
      dir.write("t/d", "a file");
      expect(told([tree()])).toEqual(["differs t/d", "gone t/d/a"]);
    });

    it("is told with names that are not UTF-8", () => {
      const key = joinKey(dir.mkdir("t"), Buffer.from([0xff]));
      fs.writeFileSync(bytesOfKey(key), "1");
      remember(store, key);
      expect(findings([tree()])).toEqual([]);
      fs.unlinkSync(bytesOfKey(key));
      expect(findings([tree()])).toEqual([{ kind: "gone", path: key }]);
    });

    it("is not told of what another root's target has", () => {
      remember(store, dir.write("t/a", "1"));
      fs.unlinkSync(dir.at("t/a"));
      expect(told([tree({ pattern: "*.json", recursive: false })])).toEqual([]);
    });
  });

  describe("when a directory cannot be read", () => {
    /** Root reads everything, so the listing itself is made to fail. */
    function deny(path: string): void {
      vi.mocked(fs.opendirSync).mockImplementation(((
        ...args: Parameters<typeof fs.opendirSync>
      ) => {
        if (String(args[0]) === path) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
        return actual.opendirSync(...args);
      }) as typeof fs.opendirSync);
    }

    it("says so, and its files do not count as gone", () => {
      remember(store, dir.write("t/d/a", "1"));
      remember(store, dir.write("t/d/e/b", "1"));
      remember(store, dir.write("t/c", "1"));
      fs.unlinkSync(dir.at("t/c"));
      deny(dir.at("t/d"));
      expect(told([tree()])).toEqual(["gone t/c", "unreadable t/d"]);
    });

    it("holds for directories in it whose names are not UTF-8", () => {
      const inner = joinKey(dir.mkdir("t/d"), Buffer.from([0xff]));
      fs.mkdirSync(bytesOfKey(inner));
      const file = joinKey(inner, "a");
      fs.writeFileSync(bytesOfKey(file), "1");
      remember(store, file);
      deny(dir.at("t/d"));
      expect(told([tree()])).toEqual(["unreadable t/d"]);
    });
  });

  describe("when a root has more entries than are looked at", () => {
    it("says which, and nothing of it counts as gone", () => {
      for (let index = 0; index < 9; index += 1) remember(store, dir.write(`t/${index}`, "1"));
      fs.unlinkSync(dir.at("t/0"));
      const all = steps([tree()], { max: 3 });
      expect(all).toContainEqual({ kind: "truncated", root: 0 });
      expect(all.some((step) => step.kind === "finding" && step.finding.kind === "gone")).toBe(
        false,
      );
    });
  });

  describe("when a file was unstable at the last look", () => {
    it("is looked at again though its times are the same", () => {
      remember(store, dir.write("t/a", "1"));
      const state = store.get(dir.at("t/a"));
      if (!state?.snapshot) throw new Error("not stored");
      store.commit([
        {
          path: Buffer.from(dir.at("t/a")),
          parent: Buffer.from(dir.at("t")),
          targetId: "t",
          generation: 1,
          touchedAt: 0,
          removedAt: null,
          snapshot: { ...state.snapshot, incomplete: "unstable", digest: null },
        },
      ]);
      expect(told([tree()])).toEqual(["differs t/a"]);
    });
  });

  describe("when a link may not be followed to its owner", () => {
    it("gives the snapshot without a digest", () => {
      dir.write("real", "1");
      dir.mkdir("t");
      fs.symlinkSync("../real", dir.at("t/link"));
      const owners = [new Set([(process.getuid?.() ?? 0) + 1])];
      expect(findings([tree()], { first: [0], owners })).toMatchObject([
        { kind: "first", snapshot: { incomplete: "not_followed", digest: null } },
      ]);
    });

    it("asks as the change path will: by the last root that means it", () => {
      dir.write("real", "1");
      dir.mkdir("t");
      fs.symlinkSync("../real", dir.at("t/link"));
      const roots = [tree(), root({ base: dir.at("t/link"), targetId: "last" })];
      const owners = [null, new Set([(process.getuid?.() ?? 0) + 1])];
      expect(findings(roots, { first: [0, 1], owners })).toMatchObject([
        { kind: "first", snapshot: { incomplete: "not_followed" } },
      ]);
    });
  });

  describe("when the project that stored paths were in is gone, and its roots with it", () => {
    const strays = { strays: true };

    it("finds those that are gone, wherever they lie beside the roots", () => {
      dir.mkdir("t");
      remember(store, dir.write("t/here", "1"));
      for (const name of [
        "t-away/.claude/settings.json",
        "a/.envrc",
        "t.d/x",
        "z/.envrc",
        "z/kept",
      ])
        remember(store, dir.write(name, "1"));
      fs.rmSync(dir.at("t-away"), { recursive: true });
      fs.rmSync(dir.at("a/.envrc"));
      fs.rmSync(dir.at("t.d"), { recursive: true });
      fs.rmSync(dir.at("z/.envrc"));
      fs.mkdirSync(dir.at("z/.envrc"));
      expect(told([tree()])).toEqual([]);
      expect(told([tree()], strays)).toEqual([
        "stray a/.envrc",
        "stray t-away/.claude/settings.json",
        "stray t.d/x",
        "stray z/.envrc",
      ]);
    });

    it("finds those below a root that means others there", () => {
      const of = tree({ exclude: [{ base: null, pattern: "p" }] });
      for (const name of ["t/p/.envrc", "t/p/kept", "t/q/old"])
        remember(store, dir.write(name, "1"));
      fs.rmSync(dir.at("t/p/.envrc"));
      expect(told([of], strays)).toEqual(["stray t/p/.envrc"]);
      fs.rmSync(dir.at("t"), { recursive: true });
      expect(told([of], strays)).toEqual(["gone t/q/old", "stray t/p/.envrc", "stray t/p/kept"]);
    });

    it("leaves to its root what a root means, and to nobody what was told of before", () => {
      remember(store, dir.write("single", "1"));
      remember(store, dir.write("told", "1"));
      forget(dir.at("told"));
      fs.rmSync(dir.at("told"));
      fs.rmSync(dir.at("single"));
      expect(told([root({ base: dir.at("single") })], strays)).toEqual(["gone single"]);
    });

    it("looks at each of many, a page at a time, and skips what lies in a root", () => {
      const many = Array.from({ length: 1300 }, (_, index) => `p${index}/.envrc`);
      for (const name of many) remember(store, dir.write(name, "1"));
      for (let index = 0; index < 600; index += 1) remember(store, dir.write(`t/${index}`, "1"));
      for (const name of many) fs.rmSync(dir.at(name));
      const pages = vi.spyOn(known, "presentAfter");
      expect(told([tree()], strays)).toEqual(many.map((name) => `stray ${name}`).toSorted());
      expect(pages.mock.calls.length).toBeLessThanOrEqual(5);
    });
  });
});
