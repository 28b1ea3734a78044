import { keyText, nameOf, type PathKey, type Root } from "@sigil/core/plain";
import { isBelow, joinKey, parentKey } from "../fs/keys.ts";
import { linksOn } from "../fs/links.ts";
import { isDirectory } from "../fs/stat.ts";
import { isGone } from "../pipeline/resolve.ts";
import type { Plan } from "../policy/plan.ts";
import { Cover } from "./cover.ts";
import { Forest, isTree } from "./forest.ts";
import { Hops } from "./hops.ts";
import { createInterest, urgencyOf, type Interest } from "./interest.ts";
import { ANNOUNCE_MAX, type TrackerOptions, type TrackerPorts } from "./ports.ts";
import { Posts } from "./posts.ts";
import { createShallowWatchers, type ShallowWatchers } from "./shallow.ts";
import { createWays, type Ways } from "./ways.ts";

export function createTracker(plan: Plan, options: TrackerOptions, ports: TrackerPorts): Tracker {
  return new Tracker(plan, options, ports);
}

/** Keeps the watchers in step with a plan and with the directories that come and go; turns their words into hints. */
export class Tracker {
  readonly #plan: Plan;
  readonly #options: TrackerOptions;
  readonly #ports: TrackerPorts;
  readonly #interest: Interest;
  #looked: ReadonlySet<PathKey>;
  readonly #shallow: ShallowWatchers;
  readonly #forest: Forest;
  readonly #ways: Ways;
  readonly #posts: Posts;
  readonly #hops: Hops;
  readonly #cover: Cover;
  #closed = false;

  constructor(plan: Plan, options: TrackerOptions, ports: TrackerPorts) {
    this.#plan = plan;
    this.#options = options;
    this.#ports = ports;
    this.#interest = createInterest(plan.roots);
    this.#looked = new Set(plan.looked);
    this.#shallow = createShallowWatchers(options.maxShallow, {
      onEntry: (directory, name) => this.#onEntry(directory, name),
      onError: (directory, message) => {
        ports.doubt("watcher_error", `${directory}: ${message}`);
        this.#revisit(directory);
      },
    });
    this.#ways = createWays(plan, this.#interest, this.#shallow);
    this.#posts = new Posts(this.#shallow, this.#interest, this.#ways, (reason, detail) =>
      ports.doubt(reason, detail),
    );
    const parts = { shallow: this.#shallow, posts: this.#posts, ways: this.#ways };
    this.#hops = new Hops(plan, options.maxShallow, parts);
    this.#cover = new Cover(plan, options, ports, { ...parts, hops: this.#hops });
    this.#forest = new Forest(
      plan.roots,
      { retryMs: options.retryMs, limits: options.trees },
      {
        matches: (path) => plan.matcher.match(path) !== null,
        descends: (path) => plan.matcher.descends(path).length > 0,
        hint: (path) => ports.hint(path, "watch"),
        doubt: (reason, detail) => ports.doubt(reason, detail),
        lost: (path) => this.#lost(path),
        appeared: (path) => this.#cover.announceTree(path),
        active: () => {
          ports.noticed();
          ports.treeActive();
        },
      },
    );
  }

  get backend(): string {
    if (this.#options.poll) return "poll";
    return this.#forest.size > 0 ? `fs.watch+${this.#forest.backend}` : "fs.watch";
  }

  get watched(): number {
    return this.#shallow.size + this.#forest.size;
  }

  /** True when the system allows no more watches: targets are polled. */
  get exhausted(): boolean {
    return this.#posts.exhausted || this.#forest.exhausted;
  }

  /** True when a large standard tree has no watcher: the standard targets are polled. */
  get treesPolled(): boolean {
    return this.#forest.polled;
  }

  /** Watches what exists, and the ancestors of what does not yet. */
  async start(): Promise<void> {
    if (this.#options.poll) return;
    this.#watchDirectories();
    await this.#forest.start();
  }

  /** Makes all watchers again: after a doubt nothing old is trusted. Critical paths do not wait for large trees. */
  async renew(): Promise<void> {
    if (this.#closed || this.#options.poll) return;
    this.#posts.begin();
    this.#watchDirectories();
    await this.#forest.renew();
    await this.#forest.start();
    if (!this.exhausted) this.#posts.enough();
  }

  /** Tries again for what got no watch. @returns true when watchers were made again: what changed meanwhile is for a sweep */
  async regain(): Promise<boolean> {
    if (this.#closed || !this.#posts.retry()) return false;
    await this.renew();
    this.#posts.retried(this.exhausted);
    return true;
  }

  /** The directories that are watched, each tree by its base. */
  get directories(): readonly PathKey[] {
    return [...this.#shallow.directories, ...this.#forest.bases];
  }

  /** Looks whether a watched directory is still the one that has the name: a mount over it sends no event. */
  check(directory: PathKey): void {
    if (this.#closed) return;
    if (this.#shallow.has(directory)) this.#revisit(directory);
    this.#forest.check(directory);
  }

  /** Takes other workspace directories to notice new projects in. What was made before its watch is looked for again. */
  setLooked(looked: readonly PathKey[]): void {
    this.#looked = new Set(looked);
    if (this.#closed || this.#options.poll) return;
    const fresh = looked.filter((directory) => this.#posts.ensureAside(directory));
    if (fresh.length > 0) this.#ports.projectsMayHaveChanged();
  }

  /**
   * Tells that a path leads through links, or no longer does; each of them is watched where it lies. Who looks at a
   * base sees whether it is a link itself, and knows nothing of the links above it: those stay watched.
   */
  setHops(path: PathKey, hops: readonly PathKey[]): void {
    this.#setLinks(path, hops.length > 0 || this.#isFollowed(path) ? linksOn(path) : []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#shallow.close();
    await this.#forest.close();
  }

  #watchDirectories(): void {
    for (const ancestor of this.#interest.ancestors) this.#posts.ensure(ancestor);
    const roots = this.#plan.roots.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));
    for (const root of roots) this.#watchBaseLink(root);
    const directories = roots.filter((root) => !isTree(root) && this.#ways.opens(root.base));
    // First where every root begins, then what is below: one of them that is large takes no other's watch.
    for (const root of directories) this.#posts.ensure(root.base);
    this.#hops.watch();
    this.#cover.watch(directories.map(({ base }) => base));
    for (const directory of this.#looked) this.#posts.ensure(directory);
  }

  #onEntry(directory: PathKey, name: Buffer | string | null): void {
    if (this.#closed) return;
    this.#ports.noticed();
    if (name === null) {
      this.#cover.announce(directory);
      return;
    }
    if (this.#looked.has(directory)) this.#ports.projectsMayHaveChanged();
    const path = joinKey(directory, name);
    this.#touch(path);
    for (const led of this.#hops.through(path)) {
      this.#touch(led);
      this.#revisit(led);
      // Swapped for a chain that ends in the same directory, nothing else of it is new; and nobody looks at it.
      if (this.#isFollowed(led) || this.#plan.matcher.match(led) === null)
        this.#setLinks(led, linksOn(led));
    }
    // A watched directory that is deleted or moved says so under its own name.
    if (nameOf(keyText(path)) === nameOf(keyText(directory))) this.#revisit(directory);
  }

  #touch(path: PathKey): void {
    if (this.#plan.matcher.match(path)) this.#ports.hint(path, "watch");
    if (this.#interest.has(path) || this.#shallow.has(path) || this.#ways.shallowBelow(path))
      this.#revisit(path);
  }

  /** A path that is, was or has become a directory on the way to something watched. */
  #revisit(path: PathKey): void {
    this.#cover.begin();
    if (this.#ways.opens(path)) {
      const before = this.#shallow.has(path);
      const anew = this.#posts.ensure(path);
      const opened = this.#posts.isOpened(path);
      const fresh = anew || opened || this.#posts.isAwaited(path);
      // Another directory in the same place, or maybe: what was in the old one may be gone.
      if (before && fresh) this.#replaced(path, anew);
      else if (opened) this.#lost(path, false);
      if (fresh || !this.#shallow.has(path)) this.#enter(path);
      return;
    }
    // Directories are watched from the top down: below one that is not watched, none is.
    const gone = this.#shallow.has(path) ? this.#shallow.within(path) : [];
    for (const directory of gone) this.#shallow.drop(directory);
    this.#forest.dropWithin(path);
    this.#posts.expect(path);
    if (gone.length > 0 || this.#interest.has(path)) this.#lost(path);
  }

  /** Directories that the old one had and the new one has not keep no watch: they would use all of them up. */
  #replaced(path: PathKey, isSure = true): void {
    for (const directory of this.#shallow.within(path))
      if (!isDirectory(directory)) this.#shallow.drop(directory);
    this.#lost(path, isSure);
  }

  /** What is stored below is looked at. @param isSure false: nothing there may have changed; then what is gone shows it */
  #lost(path: PathKey, isSure = true): void {
    const stored = this.#ports.storedBelow(path, ANNOUNCE_MAX);
    for (const lost of stored) this.#ports.hint(lost, "watch");
    if (stored.length === ANNOUNCE_MAX && (isSure || stored.some(isGone)))
      this.#ports.doubt("new_directory", `${path}: a large tree vanished`);
  }

  /** Covers every root at, below or above a directory that is there now. */
  #enter(path: PathKey): void {
    this.#posts.entered(path);
    const roots = this.#interest.rootsAt(path);
    for (const root of roots) this.#watchAbove(root, path);
    if (this.#ways.shallowBelow(path)) this.#cover.announce(path);
    for (const root of roots) this.#coverRoot(root);
    this.#forest.grown(path);
  }

  /** From the top down: what comes while this goes on tells of itself in a directory that is watched already. */
  #watchAbove(root: Root, entered: PathKey): void {
    for (const path of above(root.base))
      if (this.#posts.ensure(path) && !isBelow(path, entered)) this.#enterSoon(path);
  }

  #coverRoot(root: Root): void {
    this.#watchBaseLink(root);
    if (!isDirectory(root.base)) this.#posts.expect(root.base);
    if (isTree(root)) this.#forest.cover(root);
    else if (this.#ways.opens(root.base)) this.#cover.announce(root.base);
    if (this.#plan.matcher.match(root.base)) this.#ports.hint(root.base, "watch");
  }

  /**
   * A directory above another was found replaced before its own event came: that event will find it watched, so what
   * else is in it must be looked at because of this one.
   */
  #enterSoon(path: PathKey): void {
    setImmediate(() => {
      if (this.#closed || !isDirectory(path)) return;
      this.#cover.begin();
      this.#replaced(path);
      this.#enter(path);
    });
  }

  /** A base that is a link: whoever swaps a hop of it changes everything below. */
  #watchBaseLink(root: Root): void {
    if (root.followSymlinks) this.#setLinks(root.base, linksOn(root.base));
  }

  /** True when a root that follows links begins at the path. */
  #isFollowed(path: PathKey): boolean {
    return this.#interest.rootsAt(path).some((root) => root.base === path && root.followSymlinks);
  }

  #setLinks(path: PathKey, links: readonly PathKey[]): void {
    if (this.#closed || this.#options.poll) return;
    const fresh = this.#hops.set(path, links);
    // Watched from now on: what changed there since the path was looked at had nobody to tell of it.
    if (fresh && this.#plan.matcher.match(path)) this.#ports.hint(path, "watch");
  }
}

/** The directories above a path, the filesystem root first. */
function above(path: PathKey): PathKey[] {
  const found: PathKey[] = [];
  for (let at = parentKey(path); at !== null; at = parentKey(at)) found.unshift(at);
  return found;
}
