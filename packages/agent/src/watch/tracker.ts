import {
  keyText,
  nameOf,
  type EvidenceOf,
  type HintSource,
  type PathKey,
  type Root,
} from "@sigil/core/plain";
import { isApart, liesApart } from "../fs/apart.ts";
import { isBelow, joinKey, parentKey } from "../fs/keys.ts";
import { linksOn, withAbove } from "../fs/links.ts";
import { directoryId, isDirectory, isLink } from "../fs/stat.ts";
import type { Plan } from "../policy/plan.ts";
import { listDirectory, type Entry } from "../sweep/list.ts";
import { createInterest, urgencyOf, type Interest } from "./interest.ts";
import { createLinks } from "./links.ts";
import { createShallowWatchers, type ShallowWatchers } from "./shallow.ts";
import { Forest, isTree } from "./forest.ts";
import { goesRound, isLed } from "./round.ts";
import type { TreeLimits } from "./measure.ts";

/** Why what the watchers say may not be all there is. */
export type DoubtReason = EvidenceOf<"watcher_degraded">["reason"];

export interface TrackerPorts {
  hint(path: PathKey, source: HintSource): void;
  /** The system told of something, whether or not anybody wants to know: it took room in the kernel's queue. */
  noticed(): void;
  doubt(reason: DoubtReason, detail: string): void;
  /** Stored paths at or below a path, at most `limit`. */
  storedBelow(path: PathKey, limit: number): PathKey[];
  /** Something happened in a tree with a recursive watcher. */
  treeActive(): void;
  /** A change in a directory where projects are found or recorded. */
  projectsMayHaveChanged(): void;
}

export interface TrackerOptions {
  readonly maxShallow: number;
  readonly maxDepth: number;
  readonly retryMs: number;
  /** What the recursive watchers of large standard trees may hold. */
  readonly trees: TreeLimits;
  readonly poll: boolean;
}

/** Entries of a directory that came or went, hinted one by one; a larger one is left to a sweep. */
const ANNOUNCE_MAX = 2000;
/** Entries of new directories looked through here; more of them are left to a sweep. */
const LOOK_MAX = 20_000;
/** Where there are always too few watches, everything is tried again once in so many polls. */
const PATIENCE_MAX = 64;
/** Entries listed of one directory in search of directories to watch, for each watch that may be set. */
const LIST_PER_WATCH = 8;
/**
 * Links in one root that a directory is watched through, besides its own name. Thousands may lead to it: the sweep
 * looks through one of them, and tells of each link.
 */
const NAMES_MAX = 4;

/** One way through a directory and those below it. */
interface Walk {
  /** Hints what is there: it was not watched until now. */
  readonly announce: boolean;
  /** Directories gone through, each once, also where roots overlap. That one is watched does not say that it was. */
  readonly covered: Set<PathKey>;
  /** Directories that links have led to: each is entered once, or two links to `.` would cost every watch. */
  readonly led: Set<string | null>;
}

function walkFrom(directory: PathKey, announce: boolean, covered: Set<PathKey> = new Set()): Walk {
  return { announce, covered, led: new Set([directoryId(directory)]) };
}

export function createTracker(plan: Plan, options: TrackerOptions, ports: TrackerPorts): Tracker {
  return new Tracker(plan, options, ports);
}

/** Keeps the watchers in step with a plan and with the directories that come and go; turns their words into hints. */
export class Tracker {
  readonly #plan: Plan;
  readonly #options: TrackerOptions;
  readonly #ports: TrackerPorts;
  readonly #interest: Interest;
  readonly #links = createLinks();
  #looked: ReadonlySet<PathKey>;
  readonly #shallow: ShallowWatchers;
  readonly #forest: Forest;
  /**
   * Directories on the way to something watched that were missing when they were looked for, or that are watched and
   * not looked into. Another root or a link may have them watched before their own event comes: it enters them anyway.
   */
  readonly #awaited = new Set<PathKey>();
  /** A directory that got no watch; null: all have theirs. */
  #lacking: PathKey | null = null;
  /** That there are too few is told once, until there are enough: each telling leads to a sweep. */
  #told = false;
  /** Of so many times to try again, the first is let pass. */
  #patience = 1;
  #passed = 0;
  #closed = false;
  #announced = 0;

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
    this.#forest = new Forest(
      plan.roots,
      { retryMs: options.retryMs, limits: options.trees },
      {
        matches: (path) => plan.matcher.match(path) !== null,
        descends: (path) => plan.matcher.descends(path).length > 0,
        hint: (path) => ports.hint(path, "watch"),
        doubt: (reason, detail) => ports.doubt(reason, detail),
        lost: (path) => this.#lost(path),
        appeared: (path) => this.#announceTree(path),
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
    return this.#lacking !== null || this.#forest.exhausted;
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
    this.#lacking = null;
    this.#shallow.close();
    this.#watchDirectories();
    await this.#forest.renew();
    await this.#forest.start();
    if (!this.exhausted) this.#told = false;
  }

  /**
   * Tries again for what got no watch; less and less often where there are always too few.
   * @returns true when watchers were made again: what changed meanwhile is for a sweep
   */
  async regain(): Promise<boolean> {
    const lacking = this.#lacking;
    if (this.#closed || lacking === null) return false;
    this.#passed += 1;
    if (this.#passed < this.#patience) return false;
    this.#passed = 0;
    // One try tells: everything is gone through only when there are some again.
    if (this.#shallow.ensure(lacking) === "exhausted") return false;
    await this.renew();
    this.#patience = this.exhausted ? Math.min(this.#patience * 2, PATIENCE_MAX) : 1;
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
    const fresh = looked.filter((directory) => this.#ensureAside(directory));
    if (fresh.length > 0) this.#ports.projectsMayHaveChanged();
  }

  /** Tells that a path leads through links, or no longer does; each of them is watched where it lies. */
  setHops(path: PathKey, hops: readonly PathKey[]): void {
    this.#setLinks(path, hops.length === 0 ? [] : linksOn(path));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#shallow.close();
    await this.#forest.close();
  }

  #watchDirectories(): void {
    for (const ancestor of this.#interest.ancestors) this.#ensure(ancestor);
    const roots = this.#plan.roots.toSorted((a, b) => urgencyOf(a) - urgencyOf(b));
    for (const root of roots) this.#watchBaseLink(root);
    const directories = roots.filter((root) => !isTree(root) && this.#opens(root.base));
    // First where every root begins, then what is below: one of them that is large takes no other's watch.
    for (const root of directories) this.#ensure(root.base);
    for (const hop of this.#links.hops) this.#ensure(parentKey(hop) ?? hop);
    const covered = new Set<PathKey>();
    for (const root of directories) this.#cover(root.base, 0, walkFrom(root.base, false, covered));
    for (const directory of this.#looked) this.#ensure(directory);
  }

  /** @returns true when the directory was not watched until now */
  #ensure(directory: PathKey): boolean {
    const outcome = this.#shallow.ensure(directory);
    if (outcome === "exhausted") this.#fallShort(directory);
    if (outcome !== "new" && outcome !== "kept") this.#await(directory);
    return outcome === "new";
  }

  /** As {@link #ensure}, for who does not look into the directory. */
  #ensureAside(directory: PathKey): boolean {
    const fresh = this.#ensure(directory);
    if (fresh && (this.#interest.has(directory) || this.#shallowBelow(directory)))
      this.#awaited.add(directory);
    return fresh;
  }

  /** What lies in a directory that is not watched has no event of its own: who enters that one comes by. */
  #await(path: PathKey): void {
    if (this.#interest.has(path) && this.#shallow.has(parentKey(path) ?? path))
      this.#awaited.add(path);
  }

  #fallShort(directory: PathKey): void {
    this.#lacking ??= directory;
    if (this.#told) return;
    this.#told = true;
    this.#ports.doubt("watches_exhausted", `no watch left for ${directory}; polling`);
  }

  #onEntry(directory: PathKey, name: Buffer | string | null): void {
    if (this.#closed) return;
    this.#ports.noticed();
    if (name === null) {
      this.#cover(directory, 0, walkFrom(directory, true));
      return;
    }
    if (this.#looked.has(directory)) this.#ports.projectsMayHaveChanged();
    const path = joinKey(directory, name);
    this.#touch(path);
    const through = this.#links.through(path);
    // A directory above where they lead may be back, and those below it with it: they are watched before any is read.
    this.#ensureAround(through.flatMap((led) => this.#links.of(led)));
    for (const led of through) {
      this.#touch(led);
      this.#revisit(led);
    }
    // A watched directory that is deleted or moved says so under its own name.
    if (nameOf(keyText(path)) === nameOf(keyText(directory))) this.#revisit(directory);
  }

  #touch(path: PathKey): void {
    if (this.#plan.matcher.match(path)) this.#ports.hint(path, "watch");
    if (this.#interest.has(path) || this.#shallow.has(path) || this.#shallowBelow(path))
      this.#revisit(path);
  }

  /** Directories below which single watchers are needed. */
  #shallowBelow(path: PathKey): boolean {
    return this.#plan.matcher.descends(path).some((root) => !isTree(root));
  }

  /** A directory, or a link to one that some root follows and has not followed on its way. */
  #opens(path: PathKey): boolean {
    if (!isDirectory(path)) return false;
    if (!isLink(path) || this.#interest.rootsAt(path).some(({ base }) => base !== path))
      return true;
    const roots = this.#plan.matcher.descends(path);
    return roots.some(
      (root) => root.followSymlinks && !goesRound(path, root.base) && !this.#isStoodFor(path, root),
    );
  }

  /** True when enough other links of a root are watched that lead to the same directory. */
  #isStoodFor(path: PathKey, { base }: Root): boolean {
    const names = this.#shallow.namesOf(path);
    if (names.length < NAMES_MAX || names.includes(path)) return false;
    return names.filter((name) => isLed(name, base)).length >= NAMES_MAX;
  }

  /** A path that is, was or has become a directory on the way to something watched. */
  #revisit(path: PathKey): void {
    this.#announced = 0;
    if (this.#opens(path)) {
      const before = this.#shallow.has(path);
      const fresh = this.#ensure(path) || this.#awaited.has(path);
      // Another directory in the same place: what was in the old one may be gone.
      if (before && fresh) this.#replaced(path);
      if (fresh || !this.#shallow.has(path)) this.#enter(path);
      return;
    }
    // Directories are watched from the top down: below one that is not watched, none is.
    const gone = this.#shallow.has(path) ? this.#shallow.within(path) : [];
    for (const directory of gone) this.#shallow.drop(directory);
    this.#forest.dropWithin(path);
    this.#await(path);
    if (gone.length > 0 || this.#interest.has(path)) this.#lost(path);
  }

  /** Directories that the old one had and the new one has not keep no watch: they would use all of them up. */
  #replaced(path: PathKey): void {
    for (const directory of this.#shallow.within(path))
      if (!isDirectory(directory)) this.#shallow.drop(directory);
    this.#lost(path);
  }

  #lost(path: PathKey): void {
    const stored = this.#ports.storedBelow(path, ANNOUNCE_MAX);
    for (const lost of stored) this.#ports.hint(lost, "watch");
    if (stored.length === ANNOUNCE_MAX)
      this.#ports.doubt("new_directory", `${path}: a large tree vanished`);
  }

  /** Covers every root at, below or above a directory that is there now. */
  #enter(path: PathKey): void {
    this.#awaited.delete(path);
    const roots = this.#interest.rootsAt(path);
    for (const root of roots) this.#watchAbove(root, path);
    if (this.#shallowBelow(path)) this.#cover(path, 0, walkFrom(path, true));
    for (const root of roots) this.#coverRoot(root);
    this.#forest.grown(path);
  }

  /** From the top down: what comes while this goes on tells of itself in a directory that is watched already. */
  #watchAbove(root: Root, entered: PathKey): void {
    for (const path of above(root.base))
      if (this.#ensure(path) && !isBelow(path, entered)) this.#enterSoon(path);
  }

  #coverRoot(root: Root): void {
    this.#watchBaseLink(root);
    if (!isDirectory(root.base)) this.#await(root.base);
    if (isTree(root)) this.#forest.cover(root);
    else if (this.#opens(root.base)) this.#cover(root.base, 0, walkFrom(root.base, true));
    if (this.#plan.matcher.match(root.base)) this.#ports.hint(root.base, "watch");
  }

  /**
   * A directory above another was found replaced before its own event came: that event will find it watched, so what
   * else is in it must be looked at because of this one.
   */
  #enterSoon(path: PathKey): void {
    setImmediate(() => {
      if (this.#closed || !isDirectory(path)) return;
      this.#announced = 0;
      this.#replaced(path);
      this.#enter(path);
    });
  }

  /** A base that is a link: whoever swaps a hop of it changes everything below. */
  #watchBaseLink(root: Root): void {
    if (root.followSymlinks) this.#setLinks(root.base, linksOn(root.base));
  }

  /** A link that leads to nothing is seen to lead somewhere when the first directory that lacks appears or is back. */
  #setLinks(path: PathKey, links: readonly PathKey[]): void {
    if (this.#closed || this.#options.poll) return;
    const hops = withAbove(links);
    this.#links.set(path, hops);
    const around = this.#ensureAround(hops);
    const fresh = this.#watchLed(path, links) || around;
    // Watched from now on: what changed there since the path was looked at had nobody to tell of it.
    if (fresh && this.#plan.matcher.match(path)) this.#ports.hint(path, "watch");
  }

  /** Watches where hops lie; each directory once, for thousands of links may lead through it. @returns true when one is new */
  #ensureAround(hops: readonly PathKey[]): boolean {
    let fresh = false;
    for (const directory of new Set(hops.map((hop) => parentKey(hop) ?? hop)))
      fresh = this.#ensureAside(directory) || fresh;
    return fresh;
  }

  /**
   * The recursive watcher of a tree follows no link: a directory behind one gets a watcher of its own, while there are
   * enough; without, a sweep finds what changes there.
   * @returns true when it was not watched until now
   */
  #watchLed(path: PathKey, links: readonly PathKey[]): boolean {
    const directory = isDirectory(path) ? path : (parentKey(path) ?? path);
    const ways = links.filter((link) => isBelow(directory, link));
    const trees = (this.#plan.matcher.match(path)?.roots ?? []).filter(
      (root) => isTree(root) && ways.some((link) => link !== root.base && isBelow(link, root.base)),
    );
    if (!trees.some((root) => !this.#isStoodFor(directory, root))) return false;
    if (liesApart(joinKey(directory, "."))) return false;
    return this.#shallow.size < this.#options.maxShallow / 2 && this.#ensureAside(directory);
  }

  /**
   * Watches a directory and those below it that may hold matches: first the watch, then the listing, so that nothing
   * falls between.
   */
  #cover(directory: PathKey, depth: number, walk: Walk): void {
    if (this.#options.poll || isApart(directory)) return;
    this.#ensure(directory);
    // Without a watch there is nothing to set below it either: it is polled.
    if (this.#lacking !== null && !this.#shallow.has(directory)) return;
    const listing = listDirectory(directory, this.#options.maxShallow * LIST_PER_WATCH);
    if (listing.kind !== "listed") return;
    walk.covered.add(directory);
    for (const entry of listing.entries) {
      if (walk.announce && entry.type !== "directory" && this.#plan.matcher.match(entry.path))
        this.#announce(entry.path);
      if (depth < this.#options.maxDepth && this.#leadsOn(entry, walk))
        this.#cover(entry.path, depth + 1, walk);
    }
  }

  #leadsOn(entry: Entry, { covered, led }: Walk): boolean {
    if (entry.type === "file" || entry.type === "other" || !this.#shallowBelow(entry.path))
      return false;
    if (covered.has(entry.path)) return false;
    if (entry.type === "directory") return true;
    const id = this.#opens(entry.path) ? directoryId(entry.path) : null;
    if (id === null || led.has(id) || liesApart(joinKey(entry.path, "."))) return false;
    led.add(id);
    return true;
  }

  /** Hints everything in a directory that has appeared in a tree, as far as the bound goes; then a sweep takes over. */
  #announceTree(directory: PathKey): void {
    this.#announced = 0;
    const stack = [directory];
    let budget = LOOK_MAX;
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const listing = listDirectory(next, budget);
      if (listing.kind !== "listed") continue;
      budget -= listing.entries.length;
      if (budget <= 0 || this.#announced >= ANNOUNCE_MAX) {
        this.#ports.doubt("new_directory", `${directory}: a large tree appeared`);
        return;
      }
      for (const entry of listing.entries) {
        if (entry.type === "directory") {
          if (this.#plan.matcher.descends(entry.path).length > 0) stack.push(entry.path);
        } else if (this.#plan.matcher.match(entry.path)) this.#announce(entry.path);
      }
    }
  }

  #announce(path: PathKey): void {
    this.#announced += 1;
    if (this.#announced < ANNOUNCE_MAX) this.#ports.hint(path, "watch");
    else if (this.#announced === ANNOUNCE_MAX)
      this.#ports.doubt("new_directory", `${path}: a large tree appeared`);
  }
}

/** The directories above a path, the filesystem root first. */
function above(path: PathKey): PathKey[] {
  const found: PathKey[] = [];
  for (let at = parentKey(path); at !== null; at = parentKey(at)) found.unshift(at);
  return found;
}
