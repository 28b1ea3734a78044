import type { PathKey } from "@sigil/core/plain";
import { directoryIdentity } from "../fs/stat.ts";
import { listDirectory } from "../sweep/list.ts";

export interface WholePorts {
  /** Subscribes a tree again, if it is subscribed; never rejects. */
  renew(base: PathKey): Promise<void>;
  isWatched(base: PathKey): boolean;
  /** A tree that was not watched until now is, and must be looked into. */
  appeared(base: PathKey): void;
  /** There was a moment in which a tree had no watcher. */
  active(): void;
}

/** Sees to it that a recursive watcher of a new tree has all of it. */
export interface Whole {
  /** @param subscribe makes the watcher */
  cover(base: PathKey, subscribe: () => Promise<unknown>): Promise<void>;
  close(): void;
}

/** From a new subscription to its confirmation: far longer than the kernel's queue takes to be read. */
const CONFIRM_DELAY_MS = 400;
/** Subscriptions made because directories came meanwhile; after that the next sweep finds what is missing. */
const SUBSCRIBE_MAX = 5;
/** Entries read to know the directories of a tree; a larger one is taken as it is. */
const SHAPE_MAX = 2000;

export function createWhole(ports: WholePorts): Whole {
  const unsure = new Set<PathKey>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  /**
   * A directory that is made while the library reads the tree gets no watch (seen on Linux, 2.6.0): the tree must have
   * had the same directories before and after. Then it is listed: what comes between is noticed by one of them.
   */
  async function once(base: PathKey, subscribe: () => Promise<unknown>): Promise<void> {
    let before = directoriesIn(base);
    await subscribe();
    for (let attempt = 1; attempt < SUBSCRIBE_MAX && !closed; attempt += 1) {
      const after = directoriesIn(base);
      if (after === before) break;
      before = after;
      await ports.renew(base);
    }
    if (!closed) ports.appeared(base);
  }

  /**
   * The library forgets a watch by its path: a delete that is still on its way, of a directory that was made anew at
   * once, takes the new watch with it (seen on Linux, 2.6.0). When it has come by, the tree is subscribed once more.
   */
  async function confirm(): Promise<void> {
    timer = undefined;
    const bases = [...unsure];
    unsure.clear();
    for (const base of bases) {
      if (closed || !ports.isWatched(base)) continue;
      ports.active();
      await once(base, () => ports.renew(base));
    }
  }

  return {
    async cover(base, subscribe) {
      await once(base, subscribe);
      if (closed) return;
      unsure.add(base);
      timer ??= setTimeout(() => void confirm(), CONFIRM_DELAY_MS);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** The directories of a tree and which they are, as one text. */
function directoriesIn(base: PathKey): string {
  const found: string[] = [];
  const stack = [base];
  let budget = SHAPE_MAX;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    found.push(`${next}\0${directoryIdentity(next)}`);
    const listing = listDirectory(next, budget);
    if (listing.kind !== "listed") continue;
    budget -= listing.entries.length;
    if (budget <= 0) return "";
    for (const { path, type } of listing.entries) if (type === "directory") stack.push(path);
  }
  return found.join("\n");
}
