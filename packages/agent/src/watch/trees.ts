import type { AsyncSubscription, BackendType, Event } from "@parcel/watcher";
import { messageOf, type PathKey } from "@sigil/core/plain";
import { directoryIdentity } from "../fs/stat.ts";

export interface TreeEvents {
  onEvent(path: PathKey, kind: "create" | "update" | "delete"): void;
  onError(base: PathKey, message: string): void;
}

const BACKENDS: Readonly<Partial<Record<NodeJS.Platform, BackendType>>> = {
  linux: "inotify",
  darwin: "fs-events",
  win32: "windows",
};

interface Held {
  readonly subscription: AsyncSubscription;
  readonly ignore: readonly string[];
  /** Which directory it is that is watched, whatever has its name now. */
  readonly identity: string | null;
}

/** A subscription on its way. */
interface Opening {
  cancelled: boolean;
  done: Promise<boolean>;
}

export function createTreeWatchers(events: TreeEvents): TreeWatchers {
  return new TreeWatchers(events);
}

/**
 * Recursive watchers for large standard trees. The backend is always named: unnamed, the library would run whatever
 * `watchman` is on PATH.
 */
export class TreeWatchers {
  readonly backend: BackendType = BACKENDS[process.platform] ?? "inotify";
  readonly #events: TreeEvents;
  readonly #held = new Map<PathKey, Held>();
  readonly #opening = new Map<PathKey, Opening>();
  #closed = false;

  constructor(events: TreeEvents) {
    this.#events = events;
  }

  get bases(): readonly PathKey[] {
    return [...this.#held.keys(), ...this.#opening.keys()];
  }

  /** Watches a tree. Again if another directory has taken its place. @returns whether the tree is watched now */
  async subscribe(base: PathKey, ignore: readonly string[]): Promise<boolean> {
    // Asked for twice at once, the second subscription would never be ended.
    for (let way = this.#opening.get(base); way; way = this.#opening.get(base)) await way.done;
    if (this.#closed) return false;
    const held = this.#held.get(base);
    if (!held) return this.#begin(base, ignore);
    if (this.isStale(base)) await this.renew(base);
    return this.#held.has(base);
  }

  /** True when what is watched no longer has the name. */
  isStale(base: PathKey): boolean {
    const held = this.#held.get(base);
    return held !== undefined && held.identity !== directoryIdentity(base);
  }

  /** Drops a subscription and makes it again. There is a moment between the two: a sweep must follow. */
  async renew(base: PathKey): Promise<void> {
    await this.#opening.get(base)?.done;
    const entry = this.#held.get(base);
    if (!entry) return;
    // The old one must be gone first: while it lives, the library takes the tree from its cache and sees nothing new
    // (seen on Linux, 2.6.0). What changes between the two is found by the sweep that the caller starts.
    this.#held.delete(base);
    await this.#begin(base, entry.ignore, entry);
  }

  async drop(base: PathKey): Promise<void> {
    const way = this.#opening.get(base);
    if (way) way.cancelled = true;
    this.#opening.delete(base);
    const entry = this.#held.get(base);
    this.#held.delete(base);
    await Promise.all([way?.done, entry && end(entry.subscription)]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.bases.map((base) => this.drop(base)));
  }

  async #open(base: PathKey, ignore: readonly string[]): Promise<AsyncSubscription> {
    const watcher = await import("@parcel/watcher");
    const onEvents = (error: Error | null, batch: Event[]) => {
      if (error) {
        // After an error the callbacks are gone (seen on Linux, 2.6.0): the owner subscribes again.
        this.#held.delete(base);
        this.#events.onError(base, messageOf(error));
        return;
      }
      for (const event of batch) this.#events.onEvent(event.path, event.type);
    };
    return watcher.subscribe(base, onEvents, { backend: this.backend, ignore: [...ignore] });
  }

  #begin(base: PathKey, ignore: readonly string[], previous?: Held): Promise<boolean> {
    const way: Opening = { cancelled: false, done: Promise.resolve(false) };
    this.#opening.set(base, way);
    way.done = this.#finish(base, ignore, way, previous);
    return way.done;
  }

  async #finish(
    base: PathKey,
    ignore: readonly string[],
    way: Opening,
    previous?: Held,
  ): Promise<boolean> {
    try {
      if (previous) await end(previous.subscription);
      const identity = directoryIdentity(base);
      const subscription = await this.#open(base, ignore);
      // Dropped meanwhile, nobody would end it.
      if (way.cancelled) await end(subscription);
      else this.#held.set(base, { subscription, ignore, identity });
      return !way.cancelled;
    } catch (error) {
      if (!way.cancelled) this.#events.onError(base, messageOf(error));
      return false;
    } finally {
      if (this.#opening.get(base) === way) this.#opening.delete(base);
    }
  }
}

/** A directory that is gone took its watches with it: ending them fails, and they have ended (seen on Linux, 2.6.0). */
async function end(subscription: AsyncSubscription): Promise<void> {
  await subscription.unsubscribe().catch(() => undefined);
}
