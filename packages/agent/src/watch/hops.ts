import type { PathKey } from "@sigil/core/plain";
import { liesApart } from "../fs/apart.ts";
import { isBelow, joinKey, parentKey } from "../fs/keys.ts";
import { linksOn, withAbove } from "../fs/links.ts";
import { isDirectory } from "../fs/stat.ts";
import type { Plan } from "../policy/plan.ts";
import { isTree } from "./forest.ts";
import { createLinks } from "./links.ts";
import type { Posts } from "./posts.ts";
import type { ShallowWatchers } from "./shallow.ts";
import type { Ways } from "./ways.ts";

export interface HopsParts {
  readonly shallow: ShallowWatchers;
  readonly posts: Posts;
  readonly ways: Ways;
}

/** Watches the directories that links lead through, and some of those they lead to. */
export class Hops {
  readonly #links = createLinks();
  readonly #plan: Plan;
  readonly #maxShallow: number;
  readonly #shallow: ShallowWatchers;
  readonly #posts: Posts;
  readonly #ways: Ways;

  constructor(plan: Plan, maxShallow: number, { shallow, posts, ways }: HopsParts) {
    this.#plan = plan;
    this.#maxShallow = maxShallow;
    this.#shallow = shallow;
    this.#posts = posts;
    this.#ways = ways;
  }

  /**
   * A link that leads to nothing is seen to lead somewhere when the first directory that lacks appears or is back.
   * @returns true when something is watched that was not until now: what changed there had nobody to tell of it
   */
  set(path: PathKey, links: readonly PathKey[]): boolean {
    const hops = withAbove(links);
    this.#links.set(path, hops);
    const around = this.#ensureAround(hops);
    return this.#watchLed(path, links) || around;
  }

  /**
   * A link that a directory is watched through: no target may mean the link itself, and then nobody looks at it who
   * would tell where it leads. While there are enough watches; without, a patrol sees to it.
   */
  lead(link: PathKey): void {
    if (this.#shallow.size < this.#maxShallow / 2) this.set(link, linksOn(link));
  }

  /** Asks for the watches of all of them again. */
  watch(): void {
    for (const hop of this.#links.hops) this.#posts.ensure(parentKey(hop) ?? hop);
  }

  /**
   * Paths that lead through one where something happened. A directory above where they lead may be back, and those
   * below it with it: they are watched before any is read.
   */
  through(hop: PathKey): readonly PathKey[] {
    const through = this.#links.through(hop);
    this.#ensureAround(through.flatMap((led) => this.#links.of(led)));
    return through;
  }

  /** Watches where hops lie; each directory once, for thousands of links may lead through it. @returns true when one is new */
  #ensureAround(hops: readonly PathKey[]): boolean {
    let fresh = false;
    for (const directory of new Set(hops.map((hop) => parentKey(hop) ?? hop)))
      fresh = this.#posts.ensureAside(directory) || fresh;
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
    if (!trees.some((root) => !this.#ways.isStoodFor(directory, root))) return false;
    if (liesApart(joinKey(directory, "."))) return false;
    return this.#shallow.size < this.#maxShallow / 2 && this.#posts.ensureAside(directory);
  }
}
