import picomatch from "picomatch";
import { isWithin, keyText, parentOf, relativeTo, type PathKey } from "../path.ts";
import type { Exclude, ExpandContext, Root } from "./expand.ts";
import type { Tier } from "./target.ts";

/** What a path is to the policy. */
export interface Match {
  /** The last matching target in the order baseline → signed → local. */
  readonly targetId: string;
  /** The highest tier of all matching targets. */
  readonly tier: Tier;
  readonly followSymlinks: boolean;
  /** Every matching root, in match order. */
  readonly roots: readonly Root[];
}

export interface Matcher {
  /** The match of a path, or null when no target means it. */
  match(key: PathKey): Match | null;
  /** True when something below the directory may match `root`: the sweep need not enter others. */
  mayDescend(root: Root, directory: PathKey): boolean;
  /** The roots that may have a match below the directory. */
  descends(directory: PathKey): readonly Root[];
}

type Test = (relative: string) => boolean;

interface Compiled {
  readonly root: Root;
  readonly order: number;
  readonly includes: Test;
  readonly excluded: (path: string) => boolean;
  /** Directory levels below the base that can hold a match. */
  readonly levels: number;
}

/** Indexes the roots by base, so that a lookup costs one step per ancestor of the path and not one per root. */
export function createMatcher(
  roots: readonly Root[],
  platform: ExpandContext["platform"],
): Matcher {
  const nocase = platform !== "linux";
  const fold = (text: string) => (nocase ? text.toLowerCase() : text);
  const byBase = new Map<string, Compiled[]>();
  const byRoot = new Map<Root, Compiled>();
  roots.forEach((root, order) => {
    const compiled = compile(root, order, nocase);
    byRoot.set(root, compiled);
    const list = byBase.get(fold(root.base));
    if (list) list.push(compiled);
    else byBase.set(fold(root.base), [compiled]);
  });
  return {
    match(key) {
      const path = keyText(key);
      const hits: Compiled[] = [];
      for (let base: string | null = path; base !== null; base = parentOf(base)) {
        for (const compiled of byBase.get(fold(base)) ?? [])
          if (accepts(compiled, path)) hits.push(compiled);
      }
      return hits.length === 0 ? null : toMatch(hits.toSorted((a, b) => a.order - b.order));
    },
    mayDescend(root, directory) {
      const compiled = byRoot.get(root);
      return compiled !== undefined && enters(compiled, keyText(directory));
    },
    descends(directory) {
      const path = keyText(directory);
      const roots: Root[] = [];
      for (let base: string | null = path; base !== null; base = parentOf(base)) {
        for (const compiled of byBase.get(fold(base)) ?? [])
          if (enters(compiled, path)) roots.push(compiled.root);
      }
      return roots;
    },
  };
}

function enters(compiled: Compiled, path: string): boolean {
  if (!isWithin(path, compiled.root.base)) return false;
  const relative = relativeTo(path, compiled.root.base);
  const depth = relative === "" ? 0 : relative.split("/").length;
  return depth < compiled.levels && (relative === "" || !compiled.excluded(`${path}/\u0001`));
}

function accepts(compiled: Compiled, path: string): boolean {
  return compiled.includes(relativeTo(path, compiled.root.base)) && !compiled.excluded(path);
}

function toMatch(hits: readonly Compiled[]): Match {
  const roots = hits.map((hit) => hit.root);
  const last = roots[roots.length - 1] as Root;
  return {
    targetId: last.targetId,
    tier: roots.some((root) => root.tier === "critical") ? "critical" : "standard",
    followSymlinks: last.followSymlinks,
    roots,
  };
}

function compile(root: Root, order: number, nocase: boolean): Compiled {
  const excludes = root.exclude.map((exclude) => compileExclude(exclude, root.base, nocase));
  return {
    root,
    order,
    includes: compileInclude(root, nocase),
    excluded: (path) => excludes.some((test) => test(path)),
    levels: levelsOf(root),
  };
}

function glob(pattern: string, nocase: boolean): Test {
  return picomatch(pattern, { dot: true, nocase });
}

function compileInclude(root: Root, nocase: boolean): Test {
  if (root.pattern === null) {
    if (root.recursive) return () => true;
    return (relative) => !relative.includes("/");
  }
  const self = glob(root.pattern, nocase);
  if (!root.recursive) return self;
  const below = glob(`${root.pattern}/**`, nocase);
  return (relative) => self(relative) || below(relative);
}

function compileExclude(
  exclude: Exclude,
  rootBase: string,
  nocase: boolean,
): (path: string) => boolean {
  const base = exclude.base ?? rootBase;
  if (exclude.pattern === "") return (path) => isWithin(path, base);
  const self = glob(exclude.pattern, nocase);
  const below = glob(`${exclude.pattern}/**`, nocase);
  return (path) => {
    if (!isWithin(path, base)) return false;
    const relative = relativeTo(path, base);
    return self(relative) || below(relative);
  };
}

function levelsOf(root: Root): number {
  if (root.recursive || root.pattern?.includes("**")) return Number.POSITIVE_INFINITY;
  if (root.pattern === null) return 1;
  // Braces may hold slashes of their own: `{a,b/c}`.
  return root.pattern.split("/").length;
}
