import type { PathKey } from "@sigil/core/plain";
import { parentKey } from "../fs/keys.ts";
import type { Interest } from "./interest.ts";
import type { TrackerPorts } from "./ports.ts";
import type { ShallowWatchers } from "./shallow.ts";
import type { Ways } from "./ways.ts";

/** Where there are always too few watches, everything is tried again once in so many polls. */
const PATIENCE_MAX = 64;
/** Directories remembered that may not be read; those beyond it are left to the sweep once they may be. */
const CLOSED_MAX = 4096;

/** Asks for the watches of single directories, and knows which of them are lacking or not looked into yet. */
export class Posts {
  readonly #shallow: ShallowWatchers;
  readonly #interest: Interest;
  readonly #ways: Ways;
  readonly #doubt: TrackerPorts["doubt"];
  /**
   * Directories on the way to something watched that were missing when they were looked for, or that are watched and
   * not looked into. Another root or a link may have them watched before their own event comes: it enters them anyway.
   */
  readonly #awaited = new Set<PathKey>();
  /** Directories that may not be read: whatever is stored of them may have gone by the time they may be. */
  readonly #closed = new Set<PathKey>();
  /** A directory that got no watch; null: all have theirs. */
  #lacking: PathKey | null = null;
  /** That there are too few is told once, until there are enough: each telling leads to a sweep. */
  #told = false;
  /** Of so many times to try again, the first is let pass. */
  #patience = 1;
  #passed = 0;

  constructor(
    shallow: ShallowWatchers,
    interest: Interest,
    ways: Ways,
    doubt: TrackerPorts["doubt"],
  ) {
    this.#shallow = shallow;
    this.#interest = interest;
    this.#ways = ways;
    this.#doubt = doubt;
  }

  /** True when some directory got no watch. */
  get exhausted(): boolean {
    return this.#lacking !== null;
  }

  /** True for a directory without a watch, while there are too few. */
  lacks(directory: PathKey): boolean {
    return this.#lacking !== null && !this.#shallow.has(directory);
  }

  /** @returns true when the directory was not watched until now */
  ensure(directory: PathKey): boolean {
    const outcome = this.#shallow.ensure(directory);
    if (outcome === "exhausted") this.#fallShort(directory);
    if (outcome === "denied" && this.#closed.size < CLOSED_MAX) this.#closed.add(directory);
    if (outcome === "absent") this.#closed.delete(directory);
    if (outcome !== "new" && outcome !== "kept") this.expect(directory);
    return outcome === "new";
  }

  /** As {@link Posts.ensure}, for who does not look into the directory. */
  ensureAside(directory: PathKey): boolean {
    const fresh = this.ensure(directory);
    if (fresh && (this.#interest.has(directory) || this.#ways.shallowBelow(directory)))
      this.#awaited.add(directory);
    return fresh;
  }

  /**
   * Something missing may come: its own event enters it, whoever has found it first. What lies in a directory that is
   * not watched has no event of its own: who enters that one comes by.
   */
  expect(path: PathKey): void {
    if (this.#interest.has(path) && this.#shallow.has(parentKey(path) ?? path))
      this.#awaited.add(path);
  }

  #fallShort(directory: PathKey): void {
    this.#lacking ??= directory;
    if (this.#told) return;
    this.#told = true;
    this.#doubt("watches_exhausted", `no watch left for ${directory}; polling`);
  }

  isAwaited(path: PathKey): boolean {
    return this.#awaited.has(path);
  }

  /** True for a directory that is watched now, could not be read before, and was not looked into since. */
  isOpened(path: PathKey): boolean {
    return this.#closed.has(path) && this.#shallow.has(path);
  }

  /** A directory is about to be looked into. */
  entered(path: PathKey): void {
    this.#awaited.delete(path);
    if (this.#shallow.has(path)) this.#closed.delete(path);
  }

  /** Ends all watches: they are asked for again. */
  begin(): void {
    this.#lacking = null;
    this.#closed.clear();
    this.#shallow.close();
  }

  /** There are enough watches again: the next time that there are not is told. */
  enough(): void {
    this.#told = false;
  }

  /**
   * Tries again for what got no watch; less and less often where there are always too few.
   * @returns true when there may be enough: everything is asked for again
   */
  retry(): boolean {
    const lacking = this.#lacking;
    if (lacking === null) return false;
    this.#passed += 1;
    if (this.#passed < this.#patience) return false;
    this.#passed = 0;
    // One try tells: everything is gone through only when there are some again.
    return this.#shallow.ensure(lacking) !== "exhausted";
  }

  /** What came of asking again. */
  retried(exhausted: boolean): void {
    this.#patience = exhausted ? Math.min(this.#patience * 2, PATIENCE_MAX) : 1;
  }
}
