import { statSync } from "node:fs";
import {
  keyText,
  nameOf,
  type EvidenceOf,
  type HintSource,
  type PathKey,
  type Root,
} from "@sigil/core/plain";
import { fsPath, joinKey, parentKey } from "../fs/keys.ts";
import { resolvePath } from "../pipeline/resolve.ts";
import type { Plan } from "../policy/plan.ts";
import { listDirectory } from "../sweep/list.ts";
import { createInterest } from "./interest.ts";
import { createLinks } from "./links.ts";
import { createShallowWatchers } from "./shallow.ts";
import { createTreeWatchers } from "./trees.ts";

/** Why what the watchers say may not be all there is. */
export type DoubtReason = EvidenceOf<"watcher_degraded">["reason"];

export interface TrackerPorts {
  hint(path: PathKey, source: HintSource): void;
  doubt(reason: DoubtReason, detail: string): void;
  /** Stored paths at or below a path, at most `limit`. */
  storedBelow(path: PathKey, limit: number): PathKey[];
  /** A change in a directory where projects are found or recorded. */
  projectsMayHaveChanged(): void;
}

export interface TrackerOptions {
  readonly maxShallow: number;
  readonly maxDepth: number;
  readonly retryMs: number;
  readonly poll: boolean;
}

/** Keeps the watchers in step with a plan and with the directories that come and go; turns their words into hints. */
export interface Tracker {
  /** Watches what exists, and the ancestors of what does not yet. */
  start(): Promise<void>;
  /** Makes all watchers again: after a doubt nothing old is trusted. */
  renew(): Promise<void>;
  /** Tells where a path's links lead through. */
  setHops(path: PathKey, hops: readonly PathKey[]): void;
  readonly backend: string;
  readonly watched: number;
  /** True when the system allows no more watches: targets are polled. */
  readonly exhausted: boolean;
  close(): Promise<void>;
}

/** Entries of a new directory hinted one by one; a larger one is left to a sweep. */
const ANNOUNCE_MAX = 2000;

export function createTracker(plan: Plan, options: TrackerOptions, ports: TrackerPorts): Tracker {
  const { matcher } = plan;
  const interest = createInterest(plan.roots);
  const links = createLinks();
  const looked = new Set(plan.looked);
  const treeRoots = plan.roots.filter(isTree);
  let exhausted = false;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let announced = 0;

  const shallow = createShallowWatchers(options.maxShallow, {
    onEntry,
    onError(directory, message) {
      ports.doubt("watcher_error", `${directory}: ${message}`);
      revisit(directory);
    },
  });
  const trees = createTreeWatchers({ onEvent: onTreeEvent, onError: onTreeError });

  function ensure(directory: PathKey): boolean {
    const outcome = shallow.ensure(directory);
    if (outcome === "exhausted" && !exhausted) {
      exhausted = true;
      ports.doubt("watches_exhausted", `no watch left for ${directory}; polling`);
    }
    return outcome === "new";
  }

  function onEntry(directory: PathKey, name: Buffer | string | null): void {
    if (closed) return;
    if (name === null) {
      cover(directory, 0, true);
      return;
    }
    if (looked.has(directory)) ports.projectsMayHaveChanged();
    const path = joinKey(directory, name);
    touch(path);
    for (const led of links.through(path)) {
      touch(led);
      revisit(led);
    }
    // A watched directory that is deleted or moved says so under its own name.
    if (nameOf(keyText(path)) === nameOf(keyText(directory))) revisit(directory);
  }

  function touch(path: PathKey): void {
    if (matcher.match(path)) ports.hint(path, "watch");
    if (interest.has(path) || shallow.has(path) || shallowBelow(path)) revisit(path);
  }

  function shallowBelow(path: PathKey): boolean {
    return matcher.descends(path).some((root) => !isTree(root));
  }

  /** A path that is, was or has become a directory on the way to something watched. */
  function revisit(path: PathKey): void {
    announced = 0;
    if (isDirectory(path)) {
      if (ensure(path) || !shallow.has(path)) enter(path, true);
      return;
    }
    // Directories are watched from the top down: below one that is not watched, none is.
    const gone = shallow.has(path) ? shallow.within(path) : [];
    for (const directory of gone) shallow.drop(directory);
    for (const base of trees.bases)
      if (base === path || base.startsWith(`${path}/`)) void trees.drop(base);
    const wasDirectory = gone.length > 0 || interest.has(path);
    if (!wasDirectory) return;
    const stored = ports.storedBelow(path, ANNOUNCE_MAX);
    for (const lost of stored) ports.hint(lost, "watch");
    if (stored.length === ANNOUNCE_MAX) ports.doubt("hint_burst", `${path}: a large tree vanished`);
  }

  /** Covers every root at, below or above a directory that is there now. */
  function enter(path: PathKey, announce: boolean): void {
    if (shallowBelow(path)) cover(path, 0, announce);
    for (const root of interest.rootsAt(path)) coverRoot(root, announce);
    for (const root of treeRoots) if (path.startsWith(`${root.base}/`)) void renewTree(root.base);
  }

  function coverRoot(root: Root, announce: boolean): void {
    coverAncestors(root.base);
    watchBaseLink(root);
    if (isTree(root)) void coverTree(root);
    else if (isDirectory(root.base)) cover(root.base, 0, announce);
    if (announce && matcher.match(root.base)) ports.hint(root.base, "watch");
  }

  function coverAncestors(base: PathKey): void {
    for (let path = parentKey(base); path !== null; path = parentKey(path)) ensure(path);
  }

  /** A base that is a link: whoever swaps a hop of it changes everything below. */
  function watchBaseLink(root: Root): void {
    const resolved = resolvePath(root.base, root.followSymlinks);
    if (resolved.kind === "link" || resolved.kind === "found") setHops(root.base, resolved.hops);
  }

  /** Watches a directory and those below it that may hold matches: first the watch, then the listing, so nothing falls between. */
  function cover(directory: PathKey, depth: number, announce: boolean): void {
    if (options.poll) return;
    ensure(directory);
    const listing = listDirectory(directory, options.maxShallow * 8);
    if (listing.kind !== "listed") return;
    for (const entry of listing.entries) {
      if (announce && entry.type !== "directory" && matcher.match(entry.path))
        announceOne(entry.path);
      const maybeDirectory = entry.type !== "file" && entry.type !== "other";
      if (!maybeDirectory || depth >= options.maxDepth || !shallowBelow(entry.path)) continue;
      if (shallow.has(entry.path) && !announce) continue;
      if (entry.type !== "directory" && !isDirectory(entry.path)) continue;
      if (shallow.size >= options.maxShallow) {
        ensure(entry.path);
        return;
      }
      cover(entry.path, depth + 1, announce);
    }
  }

  function announceOne(path: PathKey): void {
    announced += 1;
    if (announced < ANNOUNCE_MAX) ports.hint(path, "watch");
    else if (announced === ANNOUNCE_MAX)
      ports.doubt("hint_burst", `${path}: a large tree appeared`);
  }

  async function coverTree(root: Root): Promise<void> {
    if (options.poll || closed || !isDirectory(root.base)) return;
    // A tree inside another is watched with it.
    if (trees.bases.some((base) => base !== root.base && root.base.startsWith(`${base}/`))) return;
    const alone = treeRoots.filter((other) => other.base.startsWith(root.base)).length === 1;
    const ignore = alone
      ? root.exclude.flatMap((exclude) => (exclude.base === null ? [exclude.pattern] : []))
      : [];
    await trees.subscribe(root.base, ignore);
  }

  const renewing = new Map<PathKey, NodeJS.Timeout>();

  /** New directories in a tree stay unseen until it is subscribed again; a burst of them costs one renewal. */
  function renewTree(base: PathKey): void {
    if (renewing.has(base) || closed) return;
    const timer = setTimeout(() => {
      renewing.delete(base);
      void trees.renew(base).then(
        () => ports.doubt("new_directory", base),
        (error: unknown) => onTreeError(base, String(error)),
      );
    }, 100);
    renewing.set(base, timer);
  }

  function onTreeEvent(path: PathKey, kind: "create" | "update" | "delete"): void {
    if (closed) return;
    if (path.includes("\uFFFD")) ports.doubt("watcher_error", "a name that is not UTF-8 changed");
    if (matcher.match(path)) ports.hint(path, "watch");
    if (kind === "delete")
      for (const lost of ports.storedBelow(path, ANNOUNCE_MAX)) ports.hint(lost, "watch");
    if (kind !== "create" || !isDirectory(path)) return;
    const base = trees.bases.find((tree) => path.startsWith(`${tree}/`));
    if (base !== undefined) renewTree(base);
  }

  function onTreeError(base: PathKey, message: string): void {
    if (closed) return;
    if (/ENOSPC|no space|max_user_watches|EMFILE/i.test(message)) exhausted = true;
    ports.doubt(exhausted ? "watches_exhausted" : "watcher_error", `${base}: ${message}`);
    retry ??= setTimeout(() => {
      retry = undefined;
      for (const root of treeRoots) void coverTree(root);
    }, options.retryMs).unref();
  }

  function setHops(path: PathKey, hops: readonly PathKey[]): void {
    for (const hop of links.set(path, hops)) {
      const parent = parentKey(hop);
      if (parent !== null && !options.poll) ensure(parent);
    }
  }

  async function start(): Promise<void> {
    if (options.poll) return;
    for (const ancestor of interest.ancestors) ensure(ancestor);
    for (const directory of looked) ensure(directory);
    for (const root of plan.roots) {
      watchBaseLink(root);
      if (!isTree(root) && isDirectory(root.base)) cover(root.base, 0, false);
    }
    for (const root of treeRoots) await coverTree(root);
  }

  return {
    start,
    async renew() {
      exhausted = false;
      shallow.close();
      await Promise.all(
        trees.bases.map((base) =>
          trees.renew(base).catch((error: unknown) => onTreeError(base, String(error))),
        ),
      );
      await start();
    },
    setHops,
    get backend() {
      if (options.poll) return "poll";
      return trees.bases.length > 0 ? `fs.watch+${trees.backend}` : "fs.watch";
    },
    get watched() {
      return shallow.size + trees.bases.length;
    },
    get exhausted() {
      return exhausted;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      for (const timer of renewing.values()) clearTimeout(timer);
      shallow.close();
      await trees.close();
    },
  };
}

/** Large standard trees have one recursive watcher; everything else is watched directory by directory. */
export function isTree(root: Root): boolean {
  return root.tier === "standard" && (root.recursive || root.pattern?.includes("**") === true);
}

function isDirectory(path: PathKey): boolean {
  try {
    return statSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
