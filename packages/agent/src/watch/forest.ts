import { messageOf, type PathKey, type Root } from "@sigil/core/plain";
import { isDirectory, isLink } from "../fs/stat.ts";
import { isBelow } from "../fs/keys.ts";
import { createGrowth, type Growth } from "./growth.ts";
import { measureTree, type TreeLimits } from "./measure.ts";
import type { DoubtReason } from "./ports.ts";
import { goesRound } from "./round.ts";
import { createTreeWatchers, type TreeWatchers } from "./trees.ts";
import { createWhole, type Whole } from "./whole.ts";

export interface ForestPorts {
  matches(path: PathKey): boolean;
  /** True for a directory that may hold a match. */
  descends(path: PathKey): boolean;
  hint(path: PathKey): void;
  doubt(reason: DoubtReason, detail: string): void;
  /** Something is gone: what is stored at and below it must be looked at. */
  lost(path: PathKey): void;
  /** A directory is there that was not watched until now: what is in it must be looked at. */
  appeared(path: PathKey): void;
  /** Something happened in a tree: its watcher may have told of it in part (seen on Linux, 2.6.0). */
  active(): void;
}

/** New directories that come within this time are looked into together. */
const GROW_DELAY_MS = 50;
/** Subscriptions for directories that came later; beyond it the whole tree is subscribed again. */
const BRANCHES_MAX = 64;
/** The library's messages hold whole paths, which may be as long as an attacker makes them. */
const MESSAGE_MAX = 500;
const EXHAUSTED = /ENOSPC|EMFILE|no space left|too many open/i;

/** A watcher that fails again and again is tried less and less often, up to so many times the first wait. */
const RETRY_FACTOR_MAX = 256;

export interface ForestOptions {
  readonly retryMs: number;
  readonly limits: TreeLimits;
}

/** Large standard trees have one recursive watcher each; everything else is watched directory by directory. */
export function isTree(root: Root): boolean {
  return root.tier === "standard" && (root.recursive || root.pattern?.includes("**") === true);
}

/** Keeps the recursive watchers in step with the trees of a plan. */
export class Forest {
  readonly #roots: readonly Root[];
  readonly #options: ForestOptions;
  readonly #ports: ForestPorts;
  readonly #trees: TreeWatchers;
  readonly #whole: Whole;
  /** New directories, waiting to be watched and looked into. */
  readonly #growth: Growth;
  /** Entries of each watched tree and branch, kept up to date by what its watcher tells. */
  readonly #entries = new Map<PathKey, number>();
  /** Trees without a watcher, too large for one or refused one: they are polled. Each is told of once. */
  readonly #unwatched = new Set<PathKey>();
  /** Of these, those that the system had no watch for. */
  readonly #refused = new Set<PathKey>();
  #retry: NodeJS.Timeout | undefined;
  #retryFactor = 1;
  #closed = false;

  constructor(roots: readonly Root[], options: ForestOptions, ports: ForestPorts) {
    this.#roots = roots.filter(isTree);
    this.#options = options;
    this.#ports = ports;
    this.#trees = createTreeWatchers({
      onEvent: (path, kind) => this.#onEvent(path, kind),
      onError: (base, message) => this.#onError(base, message),
    });
    this.#growth = createGrowth(GROW_DELAY_MS, {
      grow: (fresh) => this.#grow(fresh),
      monotonic: () => performance.now(),
    });
    this.#whole = createWhole({
      renew: (base) => this.#renewNow(base),
      isWatched: (base) => this.#trees.bases.includes(base),
      appeared: (base) => ports.appeared(base),
      active: () => ports.active(),
    });
  }

  get size(): number {
    return this.#trees.bases.length;
  }

  get bases(): readonly PathKey[] {
    return this.#trees.bases;
  }

  get backend(): string {
    return this.#trees.backend;
  }

  /** True when a tree has no watcher: the standard targets are polled. */
  get polled(): boolean {
    return this.#unwatched.size > 0;
  }

  /** True when the system had no watch for one of them. */
  get exhausted(): boolean {
    return [...this.#refused].some((base) => this.#unwatched.has(base));
  }

  async start(): Promise<void> {
    for (const root of this.#roots) await this.#subscribe(root);
    const own = new Set(this.#bases());
    for (const base of this.#unwatched) {
      if (own.has(base)) continue;
      if (isDirectory(base)) await this.#watch(base, []);
      else this.#unwatched.delete(base);
    }
    if (this.#unwatched.size === 0) this.#retryFactor = 1;
  }

  /** Subscribes everything again. What changed meanwhile is for a sweep to find. */
  async renew(): Promise<void> {
    const own = new Set(this.#bases());
    for (const base of this.#trees.bases) {
      if (own.has(base)) await this.#renewNow(base);
      else await this.#trees.drop(base);
    }
  }

  /** A root whose base has appeared, with whatever is in it already. */
  cover(root: Root): void {
    void this.#whole.cover(root.base, () => this.#subscribe(root));
  }

  /**
   * A directory below a tree has appeared: what is in it stays unseen by the tree's own watcher, so it gets one too.
   */
  grown(path: PathKey): void {
    if (this.#closed || !this.#bases().some((base) => path.startsWith(`${base}/`))) return;
    this.#growth.add(path);
  }

  /** Sees to a tree that another has taken the place of, or that is gone, without an event. */
  check(base: PathKey): void {
    if (this.#closed || !this.#trees.isStale(base)) return;
    if (isDirectory(base)) this.#directory(base, "update");
    else {
      this.dropWithin(base);
      this.#ports.lost(base);
    }
  }

  dropWithin(path: PathKey): void {
    for (const base of this.#trees.bases) {
      if (base !== path && !base.startsWith(`${path}/`)) continue;
      this.#entries.delete(base);
      void this.#trees.drop(base);
    }
    for (const base of this.#unwatched)
      if (base === path || base.startsWith(`${path}/`)) this.#unwatched.delete(base);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#growth.close();
    this.#whole.close();
    await this.#trees.close();
  }

  async #subscribe(root: Root): Promise<void> {
    if (this.#closed) return;
    if (!isDirectory(root.base)) {
      this.#unwatched.delete(root.base);
      return;
    }
    // A tree inside another is watched with it.
    if (this.#trees.bases.some((base) => base !== root.base && root.base.startsWith(`${base}/`)))
      return;
    const alone = this.#roots.filter((other) => other.base.startsWith(root.base)).length === 1;
    const relative = root.exclude.flatMap((exclude) =>
      exclude.base === null ? [exclude.pattern] : [],
    );
    await this.#watch(root.base, alone ? relative : []);
  }

  /** @returns whether the tree is watched now; one that is too large for a watcher is polled */
  async #watch(base: PathKey, ignore: readonly string[]): Promise<boolean> {
    if (this.#trees.bases.includes(base)) return this.#trees.subscribe(base, ignore);
    const { maxEntries, maxDepth } = this.#options.limits;
    const left = { maxEntries: maxEntries - this.#total(), maxDepth };
    const measure = await measureTree(base, left, (path) =>
      ignore.length === 0 ? true : this.#ports.descends(path),
    );
    if (this.#closed) return false;
    if (measure.kind === "too_large") {
      this.#leave(base, measure.why);
      return false;
    }
    this.#entries.set(base, measure.entries);
    const watched = await this.#trees.subscribe(base, ignore);
    if (watched) this.#unwatched.delete(base);
    else this.#entries.delete(base);
    return watched;
  }

  /** Leaves a tree to polling. */
  #leave(base: PathKey, why: string): void {
    this.#entries.delete(base);
    if (this.#unwatched.has(base)) return;
    this.#unwatched.add(base);
    this.#ports.doubt("watches_exhausted", `${base}: ${why}; polling`);
  }

  /** A file that is replaced looks like one more: before a watcher is ended, its tree is counted again. */
  async #recount(base: PathKey): Promise<void> {
    const others = this.#total() - (this.#entries.get(base) ?? 0);
    // Meanwhile nothing counts it a second time.
    this.#entries.delete(base);
    const { maxEntries, maxDepth } = this.#options.limits;
    const left = { maxEntries: maxEntries - others, maxDepth };
    const measure = await measureTree(base, left, () => true);
    if (this.#closed || !this.#trees.bases.includes(base)) return;
    if (measure.kind === "fits") {
      this.#entries.set(base, measure.entries);
      return;
    }
    await this.#trees.drop(base);
    this.#leave(base, measure.why);
  }

  #total(): number {
    let total = 0;
    for (const entries of this.#entries.values()) total += entries;
    return total;
  }

  /** A tree may grow after it was measured: its watcher keeps what comes. */
  #count(path: PathKey, kind: "create" | "update" | "delete"): void {
    if (kind === "update") return;
    const base = this.#trees.bases
      .filter((one) => path.startsWith(`${one}/`))
      .reduce((best, one) => (one.length > best.length ? one : best), "");
    const entries = this.#entries.get(base);
    if (entries === undefined) return;
    this.#entries.set(base, Math.max(0, entries + (kind === "create" ? 1 : -1)));
    if (kind === "create" && this.#total() > this.#options.limits.maxEntries)
      void this.#recount(base);
  }

  async #grow(fresh: readonly PathKey[]): Promise<void> {
    for (const path of fresh) {
      if (this.#trees.bases.some((base) => base === path)) continue;
      if (this.#branches() >= BRANCHES_MAX) {
        await this.renew();
        this.#ports.doubt("new_directory", `${path} and others`);
        return;
      }
      await this.#whole.cover(path, () => this.#watch(path, []));
    }
  }

  #bases(): PathKey[] {
    return this.#roots.map((root) => root.base);
  }

  #branches(): number {
    const own = new Set(this.#bases());
    return this.#trees.bases.filter((base) => !own.has(base)).length;
  }

  async #renewNow(base: PathKey): Promise<void> {
    try {
      await this.#trees.renew(base);
    } catch (error) {
      this.#onError(base, messageOf(error));
    }
  }

  #onEvent(path: PathKey, kind: "create" | "update" | "delete"): void {
    if (this.#closed) return;
    this.#ports.active();
    this.#count(path, kind);
    // The library gives text: a name that is not UTF-8 cannot be told from it.
    if (path.includes("\uFFFD"))
      this.#ports.doubt("watcher_error", "a name that is not UTF-8 changed");
    if (this.#ports.matches(path)) this.#ports.hint(path);
    if (this.#opens(path)) this.#directory(path, kind);
    else if (kind === "delete") {
      this.dropWithin(path);
      this.#ports.lost(path);
    }
  }

  /**
   * A directory made anew at once reads `update`, or a late `delete` (seen on Linux, 2.6.0): it may be another one,
   * without what the old one had, and unwatched.
   */
  #directory(path: PathKey, kind: "create" | "update" | "delete"): void {
    if (kind !== "create") this.#ports.lost(path);
    const own = this.#roots.filter((root) => root.base === path);
    for (const root of own) this.cover(root);
    if (own.length > 0) return;
    if (kind !== "create") this.dropWithin(path);
    this.grown(path);
  }

  /** A directory, or a link to one in a tree that follows links and has not followed it on the way. */
  #opens(path: PathKey): boolean {
    const follows = ({ base, followSymlinks }: Root) =>
      followSymlinks && isBelow(path, base) && !goesRound(path, base);
    return isDirectory(path) && (!isLink(path) || this.#roots.some(follows));
  }

  /** What changed in a tree between the last poll and its new watcher, nobody has told of. */
  async #again(): Promise<void> {
    const before = this.#unwatched.size;
    await this.start();
    if (!this.#closed && this.#unwatched.size < before) this.#ports.active();
  }

  #onError(base: PathKey, message: string): void {
    this.#entries.delete(base);
    // A directory that is gone needs no watcher; when it comes back, it is seen from above.
    if (this.#closed || !isDirectory(base)) return;
    const exhausted = EXHAUSTED.test(message);
    if (exhausted) this.#refused.add(base);
    else this.#refused.delete(base);
    // Said once: each telling leads to a sweep, and the next try may fail as this one did.
    const known = this.#unwatched.has(base);
    this.#unwatched.add(base);
    const detail = `${base}: ${message.slice(0, MESSAGE_MAX)}`;
    if (!known) this.#ports.doubt(exhausted ? "watches_exhausted" : "watcher_error", detail);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#retryFactor = Math.min(this.#retryFactor * 2, RETRY_FACTOR_MAX);
      void this.#again();
    }, this.#options.retryMs * this.#retryFactor).unref();
  }
}
