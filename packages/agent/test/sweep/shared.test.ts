import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMatcher, type PathKey, type Root } from "@sigil/core";
import { tempDir, type TempDir } from "@sigil/testkit";
import { openState } from "../../src/state/database.ts";
import { openStore, type Store } from "../../src/state/store.ts";
import { openKnownPaths, type KnownPaths } from "../../src/sweep/known.ts";
import { sweep } from "../../src/sweep/sweep.ts";
import { hasher, root, settings } from "../build.ts";
import { remember } from "./stored.ts";

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
  store.close();
  dir.remove();
});

interface Ask {
  /** Indexes, in the order they are walked. */
  readonly walk: readonly number[];
  readonly first?: readonly number[];
  readonly limits?: { readonly max_entries?: number; readonly max_depth?: number };
}

/** `kind name` of each finding, names relative to the temp directory, in the order they come. */
function told(roots: readonly Root[], ask: Ask): string[] {
  const { hash, sweep: limits } = settings({ sweep: ask.limits ?? {} });
  const context = {
    roots,
    matcher: createMatcher(roots, "linux"),
    known,
    hasher,
    settings: { hash, sweep: limits },
    linkOwners: roots.map(() => null),
  };
  return [...sweep(context, { roots: ask.walk, first: new Set(ask.first), strays: false })].flatMap(
    (step) => {
      if (step.kind !== "finding") return step.kind === "plain" ? [name("plain", step.path)] : [];
      return [name(step.finding.kind, step.finding.path)];
    },
  );
}

function name(kind: string, path: PathKey): string {
  return `${kind} ${path.slice(dir.path.length + 1)}`;
}

const wide = (given: Partial<Root> = {}) =>
  root({ base: dir.at("t"), recursive: true, tier: "standard", ...given });
const narrow = (given: Partial<Root> = {}) =>
  root({ base: dir.at("t/cache"), pattern: "*/*.json", ...given });

const ORDERS = [{ walk: [0, 1] }, { walk: [1, 0] }] as const;

describe("a guard inside a wide root that is not walked to its end", () => {
  /** The walk of the wide root ends before it comes to the guards. */
  function build(): void {
    for (const one of ["changed", "gone"]) remember(store, dir.write(`t/cache/p/${one}.json`, "1"));
    dir.write("t/cache/p/changed.json", "22");
    dir.write("t/cache/p/new.json", "1");
    fs.unlinkSync(dir.at("t/cache/p/gone.json"));
    for (let index = 0; index < 20; index += 1) dir.write(`t/z/${index}`, "");
  }
  const ALL = [
    "differs t/cache/p/changed.json",
    "differs t/cache/p/new.json",
    "gone t/cache/p/gone.json",
  ];

  it.each([
    ["critical", ORDERS[1]],
    ["critical", ORDERS[0]],
    ["standard", ORDERS[0]],
  ] as const)("is looked at in the walk of a %s root of its own (walks %o)", (tier, { walk }) => {
    build();
    const roots = [wide(), narrow({ tier })];
    const found = told(roots, { walk, limits: { max_entries: 10 } });
    const guards = found.filter((one) => one.endsWith(".json")).toSorted();
    expect([...new Set(guards)]).toEqual(ALL);
  });

  it("is looked at when that walk is not deep enough", () => {
    build();
    const roots = [wide(), narrow({ base: dir.at("t/cache/p"), pattern: "*.json" })];
    const found = told(roots, { walk: [1, 0], limits: { max_depth: 1 } });
    expect(found.filter((one) => one.endsWith(".json")).toSorted()).toEqual(ALL);
  });

  it("is looked at behind a link that the wide root does not follow", () => {
    dir.write("away/a.json", "1");
    dir.mkdir("t/cache");
    fs.symlinkSync(dir.at("away"), dir.at("t/cache/p"));
    const roots = [wide({ followSymlinks: false }), narrow()];
    for (const order of ORDERS)
      expect(told(roots, order)).toEqual(expect.arrayContaining(["differs t/cache/p/a.json"]));
  });
});

describe("a path that several roots mean", () => {
  it.each(ORDERS)("is looked at once, whichever of them is walked first (%o)", ({ walk }) => {
    for (const one of ["t/cache/p/a.json", "t/cache/p/b", "t/c.json"]) dir.write(one, "1");
    remember(store, dir.write("t/cache/p/gone.json", "1"));
    fs.unlinkSync(dir.at("t/cache/p/gone.json"));
    const roots = [wide(), narrow(), root({ base: dir.at("t/c.json") })];
    const found = told(roots, { walk: [...walk, 2], first: [0, 1, 2] });
    const first = told(roots, { walk: [2, ...walk], first: [0, 1, 2] });
    for (const all of [found, first])
      expect(all.map((one) => one.split(" ")[1]).toSorted()).toEqual([
        "t/c.json",
        "t/cache/p/a.json",
        "t/cache/p/b",
        "t/cache/p/gone.json",
      ]);
  });
});
