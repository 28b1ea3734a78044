import { parentOf, readableText, type PathKey } from "../path.ts";
import type { Exclude, ExpandContext, Root } from "./expand.ts";
import { foldFor } from "./fold.ts";
import { compileGlob, type Glob } from "./glob.ts";
import type { Tier } from "./target.ts";

/** What a path is to the policy. */
export interface Match {
  /** The last matching target in the order baseline → signed → local. */
  readonly targetId: string;
  /** The highest tier of all matching targets. */
  readonly tier: Tier;
  /** True when any matching target asks for what a link points to: a later layer cannot hide it. */
  readonly followSymlinks: boolean;
  /** The root of that target that matched. */
  readonly root: Root;
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

type Names = readonly string[];

interface Compiled {
  readonly root: Root;
  readonly order: number;
  /** Folded. */
  readonly base: string;
  /** Null: the base and all below it, or with `recursive` false its own entries. */
  readonly include: Glob | null;
  readonly excludes: readonly CompiledExclude[];
}

interface CompiledExclude {
  /** Folded. */
  readonly base: string;
  /** Null: the base and all below it. */
  readonly glob: Glob | null;
}

interface Compiler {
  readonly platform: ExpandContext["platform"];
  /** A key as bases are spelled: readable, folded, with native separators. */
  readonly normalize: (key: PathKey) => string;
  readonly glob: (pattern: string) => Glob;
}

/** Indexes the roots by base, so that a lookup costs one step per ancestor of the path and not one per root. */
export function createMatcher(
  roots: readonly Root[],
  platform: ExpandContext["platform"],
): Matcher {
  const compiler = createCompiler(platform);
  const byBase = new Map<string, Compiled[]>();
  const byRoot = new Map<Root, Compiled>();
  roots.forEach((root, order) => {
    const compiled = compile(root, order, compiler);
    byRoot.set(root, compiled);
    const list = byBase.get(compiled.base);
    if (list) list.push(compiled);
    else byBase.set(compiled.base, [compiled]);
  });
  let last: { readonly directory: string; readonly roots: readonly Compiled[] } | null = null;
  /** The roots at a directory and above it, in order. A walk asks for the same directory again and again. */
  function above(directory: string): readonly Compiled[] {
    if (last?.directory === directory) return last.roots;
    const found: Compiled[] = [];
    for (let base: string | null = directory; base !== null; base = parentOf(base))
      found.push(...(byBase.get(base) ?? []));
    found.sort(inOrder);
    last = { directory, roots: found };
    return found;
  }
  function around(path: string, test: (compiled: Compiled) => boolean): readonly Compiled[] {
    const parent = parentOf(path);
    const near = parent === null ? [] : above(parent);
    const at = byBase.get(path);
    // Most often all of them mean the path, and there is nothing to leave out.
    if (at === undefined && near.every(test)) return near;
    const hits = near.filter(test);
    const own = at?.filter(test) ?? [];
    return own.length === 0 ? hits : [...own, ...hits].sort(inOrder);
  }
  const alone = new Map<Compiled, Match>();
  /** Most paths are meant by one root: its match is made once. */
  function matchOf(hits: readonly Compiled[]): Match | null {
    const [first] = hits;
    if (first === undefined) return null;
    if (hits.length > 1) return toMatch(hits);
    const match = alone.get(first) ?? toMatch(hits);
    alone.set(first, match);
    return match;
  }
  return {
    match(key) {
      const path = compiler.normalize(key);
      return matchOf(around(path, (compiled) => accepts(compiled, path, platform)));
    },
    mayDescend(root, directory) {
      const compiled = byRoot.get(root);
      return compiled !== undefined && enters(compiled, compiler.normalize(directory), platform);
    },
    descends(directory) {
      const path = compiler.normalize(directory);
      return around(path, (compiled) => enters(compiled, path, platform)).map((hit) => hit.root);
    },
  };
}

function createCompiler(platform: ExpandContext["platform"]): Compiler {
  const fold = foldFor(platform);
  const globs = new Map<string, Glob>();
  return {
    platform,
    normalize(key) {
      const folded = fold(readableText(key));
      return platform === "windows" ? folded.replaceAll("/", "\\") : folded;
    },
    // Hundreds of projects share a handful of patterns.
    glob(pattern) {
      const known = globs.get(pattern) ?? compileGlob(pattern, fold);
      globs.set(pattern, known);
      return known;
    },
  };
}

function compile(root: Root, order: number, compiler: Compiler): Compiled {
  const { pattern } = root;
  const below = root.recursive ? "/**" : "";
  return {
    root,
    order,
    base: compiler.normalize(root.base),
    include: pattern === null ? null : compiler.glob(pattern + below),
    excludes: root.exclude.map((exclude) => compileExclude(exclude, root.base, compiler)),
  };
}

function compileExclude(exclude: Exclude, rootBase: string, compiler: Compiler): CompiledExclude {
  return {
    base: compiler.normalize(exclude.base ?? rootBase),
    glob: exclude.pattern === "" ? null : compiler.glob(`${exclude.pattern}/**`),
  };
}

function inOrder(a: Compiled, b: Compiled): number {
  return a.order - b.order;
}

function accepts(compiled: Compiled, path: string, platform: ExpandContext["platform"]): boolean {
  // A root is asked only for its base and what is below it.
  const whole = compiled.include === null && compiled.root.recursive;
  if (!whole) {
    const names = namesBelow(path, compiled.base, platform);
    if (names === null || !includes(compiled, names)) return false;
  }
  return !compiled.excludes.some(({ base, glob }) => {
    const rest = namesBelow(path, base, platform);
    return rest !== null && (glob === null || glob.test(rest));
  });
}

function includes({ include, root }: Compiled, names: Names): boolean {
  return include === null ? root.recursive || names.length <= 1 : include.test(names);
}

function enters(compiled: Compiled, path: string, platform: ExpandContext["platform"]): boolean {
  const { include, root } = compiled;
  const names = namesBelow(path, compiled.base, platform);
  if (names === null) return false;
  if (include === null ? !root.recursive && names.length > 0 : !include.mayHold(names))
    return false;
  return !compiled.excludes.some(({ base, glob }) => {
    const rest = namesBelow(path, base, platform);
    return rest !== null && (glob === null || glob.holdsAll(rest));
  });
}

/** The components of `path` below `base`: none when they are equal, null when it does not lie there. */
function namesBelow(path: string, base: string, platform: ExpandContext["platform"]): Names | null {
  if (!path.startsWith(base)) return null;
  if (path.length === base.length) return [];
  const separator = platform === "windows" ? "\\" : "/";
  if (base.endsWith(separator)) return path.slice(base.length).split(separator);
  return path[base.length] === separator ? path.slice(base.length + 1).split(separator) : null;
}

function toMatch(hits: readonly Compiled[]): Match {
  const roots = hits.map((hit) => hit.root);
  const last = roots[roots.length - 1] as Root;
  return {
    targetId: last.targetId,
    root: last,
    tier: roots.some((root) => root.tier === "critical") ? "critical" : "standard",
    followSymlinks: roots.some((root) => root.followSymlinks),
    roots,
  };
}
