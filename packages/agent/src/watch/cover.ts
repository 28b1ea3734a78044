import type { PathKey } from "@sigil/core/plain";
import { isApart, liesApart } from "../fs/apart.ts";
import { joinKey } from "../fs/keys.ts";
import { directoryId } from "../fs/stat.ts";
import type { Plan } from "../policy/plan.ts";
import { listDirectory, type Entry } from "../sweep/list.ts";
import type { Hops } from "./hops.ts";
import { ANNOUNCE_MAX, type TrackerOptions, type TrackerPorts } from "./ports.ts";
import type { Posts } from "./posts.ts";
import type { Ways } from "./ways.ts";

/** Entries of new directories looked through here; more of them are left to a sweep. */
const LOOK_MAX = 20_000;
/** Entries listed of one directory in search of directories to watch, for each watch that may be set. */
const LIST_PER_WATCH = 8;

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

/** Goes through directories: watches those that may hold matches, and hints what is in new ones. */
export class Cover {
  readonly #plan: Plan;
  readonly #options: TrackerOptions;
  readonly #ports: TrackerPorts;
  readonly #posts: Posts;
  readonly #ways: Ways;
  readonly #hops: Hops;
  #announced = 0;

  constructor(
    plan: Plan,
    options: TrackerOptions,
    ports: TrackerPorts,
    { posts, ways, hops }: { readonly posts: Posts; readonly ways: Ways; readonly hops: Hops },
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#ports = ports;
    this.#posts = posts;
    this.#ways = ways;
    this.#hops = hops;
  }

  /** Something new is looked at: its entries are counted anew. */
  begin(): void {
    this.#announced = 0;
  }

  /** Watches what is at and below directories, each once. What is in them is for a sweep to find. */
  watch(directories: readonly PathKey[]): void {
    const covered = new Set<PathKey>();
    for (const directory of directories)
      this.#cover(directory, 0, walkFrom(directory, false, covered));
  }

  /** As {@link Cover.watch} of one that was not watched until now: all that is in it is hinted. */
  announce(directory: PathKey): void {
    this.#cover(directory, 0, walkFrom(directory, true));
  }

  /**
   * Watches a directory and those below it that may hold matches: first the watch, then the listing, so that nothing
   * falls between.
   */
  #cover(directory: PathKey, depth: number, walk: Walk): void {
    if (this.#options.poll || isApart(directory)) return;
    this.#posts.ensure(directory);
    // Without a watch there is nothing to set below it either: it is polled.
    if (this.#posts.lacks(directory)) return;
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
    if (entry.type === "file" || entry.type === "other" || !this.#ways.shallowBelow(entry.path))
      return false;
    if (covered.has(entry.path)) return false;
    if (entry.type === "directory") return true;
    const id = this.#ways.opens(entry.path) ? directoryId(entry.path) : null;
    if (id === null || led.has(id) || liesApart(joinKey(entry.path, "."))) return false;
    led.add(id);
    this.#hops.lead(entry.path);
    return true;
  }

  /** Hints everything in a directory that has appeared in a tree, as far as the bound goes; then a sweep takes over. */
  announceTree(directory: PathKey): void {
    this.begin();
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
