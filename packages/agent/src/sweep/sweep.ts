import {
  isRawKey,
  type Match,
  type Matcher,
  type PathKey,
  type Root,
  type Settings,
} from "@sigil/core/plain";
import { isBelow, parentKey } from "../fs/keys.ts";
import type { Hasher } from "@sigil/ports/hash";
import { observe } from "../pipeline/observe.ts";
import { isGone, resolvePath } from "../pipeline/resolve.ts";
import { Covered } from "./covered.ts";
import type { Finding } from "./finding.ts";
import { judgeKnown } from "./judge.ts";
import type { KnownPath, KnownPaths } from "./known.ts";
import type { PlainFile } from "./rows.ts";
import { findStrays } from "./strays.ts";
import { walk, type Met } from "./walk.ts";
import { openWithin, type Within } from "./within.ts";

export interface SweepContext {
  readonly roots: readonly Root[];
  readonly matcher: Matcher;
  readonly known: KnownPaths;
  readonly hasher: Hasher;
  readonly settings: Pick<Settings, "hash" | "sweep">;
  readonly linkOwners: readonly (ReadonlySet<number> | null)[];
}

export interface SweepRequest {
  /** Indexes of the roots to walk. */
  readonly roots: readonly number[];
  /** Indexes of all roots without a baseline. */
  readonly first: ReadonlySet<number>;
  /** True, in a sweep of all roots: stored paths that no root means any more, and that are gone, are found too. */
  readonly strays: boolean;
}

/** What a sweep yields beside findings: progress, so that its caller can count and pause. */
export type SweepStep =
  | { readonly kind: "finding"; readonly finding: Finding }
  | PlainFile
  | { readonly kind: "entry"; readonly hashed: number }
  | { readonly kind: "directory" }
  | { readonly kind: "stored" }
  | { readonly kind: "truncated"; readonly root: number };

// Made once: a sweep that finds nothing changed takes one of these for every path, and makes nothing itself.
const LOOKED: SweepStep = { kind: "entry", hashed: 0 };
const ONLY_LOOKED: readonly SweepStep[] = [LOOKED];
const DIRECTORY: readonly SweepStep[] = [{ kind: "directory" }];

/** Compares roots with the stored state, one path at a time. Reads files only where nothing is stored of them. */
export function* sweep(context: SweepContext, request: SweepRequest): Generator<SweepStep> {
  const at = (index: number) => context.roots[index];
  const covered = new Covered();
  const firsts = new Set([...request.first].map(at));
  for (const index of request.roots) {
    const root = at(index);
    if (root) yield* new RootSweep(context, root, index, covered, firsts, request.strays).steps();
  }
  if (request.strays) yield* findStrays(context);
}

/** One root walked once. */
class RootSweep {
  readonly #context: SweepContext;
  readonly #root: Root;
  readonly #index: number;
  readonly #covered: Covered;
  readonly #firsts: ReadonlySet<Root | undefined>;
  readonly #strays: boolean;
  readonly #linkOwners: ReadonlySet<number> | null;
  readonly #visited = new Set<PathKey>();
  readonly #blocked: PathKey[] = [];
  #here: PathKey | null = null;
  #rows = new Map<PathKey, KnownPath>();
  /** Something in this directory is meant by other roots too. */
  #shared = false;
  #within: Within | null | undefined;
  #truncated = false;

  constructor(
    context: SweepContext,
    root: Root,
    index: number,
    covered: Covered,
    firsts: ReadonlySet<Root | undefined>,
    strays: boolean,
  ) {
    this.#context = context;
    this.#root = root;
    this.#index = index;
    this.#covered = covered;
    this.#firsts = firsts;
    this.#strays = strays;
    this.#linkOwners = context.linkOwners[index] ?? null;
  }

  *steps(): Generator<SweepStep> {
    const { max_depth: maxDepth, max_entries: maxEntries } = this.#context.settings.sweep;
    const limits = { maxDepth, maxEntries, linkOwners: this.#linkOwners };
    try {
      for (const met of walk(this.#root, this.#context.matcher, limits)) {
        if (met.kind === "left") yield* this.#left(met.path);
        else for (const step of this.#meet(met)) yield step;
      }
    } finally {
      this.#leave();
    }
    if (!this.#truncated) yield* this.#vanished();
  }

  #meet(met: Exclude<Met, { kind: "left" }>): readonly SweepStep[] {
    switch (met.kind) {
      case "entry":
        return this.#entry(met.path, met.file, met.listed);
      case "tick":
        return ONLY_LOOKED;
      case "directory":
        this.#leave();
        this.#enter(met.path);
        return DIRECTORY;
      case "unreadable":
        this.#blocked.push(met.path);
        return [found({ kind: "unreadable", path: met.path, operation: "list", errno: met.errno })];
      case "too_deep":
        // What is stored above that level is known to be there or gone all the same.
        return [{ kind: "truncated", root: this.#index }];
      case "truncated":
        this.#truncated = true;
        return [{ kind: "truncated", root: this.#index }];
    }
  }

  #enter(directory: PathKey): void {
    this.#here = directory;
    this.#rows = this.#context.known.inDirectory(directory);
    this.#shared = false;
  }

  *#left(directory: PathKey): Generator<SweepStep> {
    this.#visited.add(directory);
    yield* this.#leftovers();
    if (this.#shared) this.#covered.directory(this.#root, directory);
  }

  #entry(path: PathKey, isFile: boolean, inListed: boolean): readonly SweepStep[] {
    const match = this.#context.matcher.match(path);
    const known = inListed ? (this.#rows.get(path) ?? null) : null;
    if (known !== null) this.#rows.delete(path);
    const directory = inListed ? this.#here : parentKey(path);
    if (!match || !this.#isOurs(path, match, directory)) return ONLY_LOOKED;
    if (!inListed) this.#covered.base(this.#root);
    const plain = isFile && inListed && known === null ? this.#plain(path, match) : null;
    if (plain) return [plain];
    return this.#examine(path, match, inListed ? known : this.#context.known.one(path));
  }

  /** A path several roots mean is looked at once: in the first of their walks that comes by. */
  #isOurs(path: PathKey, match: Match | null, directory: PathKey | null): boolean {
    if (match === null || !match.roots.includes(this.#root)) return false;
    if (match.roots.length === 1) return true;
    this.#shared = true;
    return !match.roots.some((root) => this.#covered.has(root, path, directory));
  }

  #examine(path: PathKey, match: Match, known: KnownPath | null): readonly SweepStep[] {
    if (known && !known.removed) {
      const { max_bytes: maxBytes } = this.#context.settings.hash;
      const resolved = resolvePath(path, match.followSymlinks);
      const finding = judgeKnown(path, known, resolved, maxBytes);
      if (finding) return [found(finding), LOOKED];
      if (!("hops" in resolved) || resolved.hops.length === 0) return ONLY_LOOKED;
      return [found({ kind: "led", path, hops: resolved.hops }), LOOKED];
    }
    if (known === null && match.roots.every((root) => this.#firsts.has(root)))
      return this.#firstSight(path, match);
    const resolved = resolvePath(path, match.followSymlinks);
    if (resolved.kind === "absent" || resolved.kind === "directory") return ONLY_LOOKED;
    return [found({ kind: "differs", path }), LOOKED];
  }

  /** First sight of a regular file of a standard target, the cheap way; null: it must be looked at closely. */
  #plain(path: PathKey, match: Match): PlainFile | null {
    if (match.tier !== "standard" || !match.roots.every((root) => this.#firsts.has(root)))
      return null;
    const parent = this.#here;
    if (parent === null || isRawKey(path)) return null;
    if (this.#within === undefined) this.#within = openWithin(parent);
    const { hasher, settings, linkOwners } = this.#context;
    const { max_bytes: maxBytes, attempts } = settings.hash;
    const name = path.slice(parent.length + (parent === "/" ? 0 : 1));
    const owners = linkOwners[this.#index] ?? null;
    const read = this.#within?.read(name, { hasher, maxBytes, attempts, linkOwners: owners });
    return read ? { kind: "plain", path, parent, targetId: match.targetId, ...read } : null;
  }

  #leave(): void {
    this.#within?.close();
    this.#within = undefined;
  }

  #firstSight(path: PathKey, match: Match): readonly SweepStep[] {
    const { hasher, settings, roots, linkOwners } = this.#context;
    const { max_bytes: maxBytes, attempts } = settings.hash;
    const follow = match.followSymlinks;
    const options = {
      follow,
      hasher,
      maxBytes,
      attempts,
      inlineMaxBytes: maxBytes,
      // As the change path asks, or the next hint would tell of a change that was none.
      linkOwners: linkOwners[roots.indexOf(match.root)] ?? null,
    };
    const seen = tryTo(() => observe(path, options));
    // Out of descriptors: the change path looks again until it has one.
    if (seen === null) return [found({ kind: "differs", path })];
    if (seen.kind === "unreadable")
      return [found({ kind: "unreadable", path, operation: "read", errno: seen.errno })];
    if (seen.kind !== "present") return [];
    const { snapshot, hops } = seen;
    const hashed = snapshot.digest === null ? 0 : Number(snapshot.size);
    return [found({ kind: "first", path, snapshot, hops }), { kind: "entry", hashed }];
  }

  /** Stored entries of the listed directory that the listing did not have. */
  *#leftovers(): Generator<SweepStep> {
    for (const [path, known] of this.#rows) {
      if (known.removed) continue;
      const match = this.#context.matcher.match(path);
      if (this.#isOurs(path, match, this.#here)) yield found({ kind: "gone", path });
      else if (this.#strays && match === null && isGone(path)) yield found({ kind: "stray", path });
    }
  }

  /** Stored paths in directories that are no longer there; those below an unreadable one are not known to be gone. */
  *#vanished(): Generator<SweepStep> {
    const { known } = this.#context;
    const { base, pattern, followSymlinks } = this.#root;
    if (pattern === null && known.one(base)?.removed === false) {
      const { kind } = resolvePath(base, followSymlinks);
      // A directory in the place of a file or a link: what was stored of the base is gone all the same.
      if (kind === "absent" || kind === "directory") yield found({ kind: "gone", path: base });
    }
    for (const parent of known.parentsBelow(base)) {
      if (this.#visited.has(parent) || this.#isBlocked(parent)) continue;
      this.#enter(parent);
      yield* this.#leftovers();
    }
  }

  #isBlocked(directory: PathKey): boolean {
    return this.#blocked.some((blocked) => isBelow(directory, blocked));
  }
}

function found(finding: Finding): SweepStep {
  return { kind: "finding", finding };
}

function tryTo<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
