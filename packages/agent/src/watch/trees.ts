import type { AsyncSubscription, BackendType, Event } from "@parcel/watcher";
import { messageOf, type PathKey } from "@sigil/core/plain";

export interface TreeEvents {
  onEvent(path: PathKey, kind: "create" | "update" | "delete"): void;
  onError(base: PathKey, message: string): void;
}

/** Recursive watchers for large standard trees. The backend is always named: unnamed, the library would run whatever `watchman` is on PATH. */
export interface TreeWatchers {
  readonly backend: string;
  /** @returns false when it failed, which {@link TreeEvents.onError} is told, or was dropped meanwhile */
  subscribe(base: PathKey, ignore: readonly string[]): Promise<boolean>;
  /** Drops a subscription and makes it again. There is a moment between the two: a sweep must follow. */
  renew(base: PathKey): Promise<void>;
  drop(base: PathKey): Promise<void>;
  /** Those on their way too. */
  readonly bases: readonly PathKey[];
  close(): Promise<void>;
}

const BACKENDS: Readonly<Partial<Record<NodeJS.Platform, BackendType>>> = {
  linux: "inotify",
  darwin: "fs-events",
  win32: "windows",
};

interface Held {
  readonly subscription: AsyncSubscription;
  readonly ignore: readonly string[];
}

/** A subscription on its way. */
interface Opening {
  cancelled: boolean;
  done: Promise<boolean>;
}

export function createTreeWatchers(events: TreeEvents): TreeWatchers {
  const held = new Map<PathKey, Held>();
  const opening = new Map<PathKey, Opening>();
  let closed = false;
  const backend = BACKENDS[process.platform] ?? "inotify";

  async function open(base: PathKey, ignore: readonly string[]): Promise<AsyncSubscription> {
    const watcher = await import("@parcel/watcher");
    const onEvents = (error: Error | null, batch: Event[]) => {
      if (error) {
        // After an error the callbacks are gone (seen on Linux, 2.6.0): the owner subscribes again.
        held.delete(base);
        events.onError(base, messageOf(error));
        return;
      }
      for (const event of batch) events.onEvent(event.path, event.type);
    };
    return watcher.subscribe(base, onEvents, { backend, ignore: [...ignore] });
  }

  function begin(base: PathKey, ignore: readonly string[], previous?: Held): Promise<boolean> {
    const way: Opening = { cancelled: false, done: Promise.resolve(false) };
    opening.set(base, way);
    way.done = finish(base, ignore, way, previous);
    return way.done;
  }

  async function finish(
    base: PathKey,
    ignore: readonly string[],
    way: Opening,
    previous: Held | undefined,
  ): Promise<boolean> {
    try {
      await previous?.subscription.unsubscribe();
      const subscription = await open(base, ignore);
      // Dropped meanwhile, nobody would end it.
      if (way.cancelled) await subscription.unsubscribe();
      else held.set(base, { subscription, ignore });
      return !way.cancelled;
    } catch (error) {
      if (!way.cancelled) events.onError(base, messageOf(error));
      return false;
    } finally {
      if (opening.get(base) === way) opening.delete(base);
    }
  }

  async function drop(base: PathKey): Promise<void> {
    const way = opening.get(base);
    if (way) way.cancelled = true;
    opening.delete(base);
    const entry = held.get(base);
    held.delete(base);
    await Promise.all([way?.done, entry?.subscription.unsubscribe()]);
  }

  return {
    backend,
    async subscribe(base, ignore) {
      if (closed || held.has(base)) return !closed;
      // Asked for twice at once, the second subscription would never be ended.
      return opening.get(base)?.done ?? begin(base, ignore);
    },
    async renew(base) {
      await opening.get(base)?.done;
      const entry = held.get(base);
      if (!entry) return;
      // The old one must be gone first: while it lives, the library takes the tree from its cache and sees nothing
      // new (seen on Linux, 2.6.0). What changes between the two is found by the sweep that the caller starts.
      held.delete(base);
      await begin(base, entry.ignore, entry);
    },
    drop,
    get bases() {
      return [...held.keys(), ...opening.keys()];
    },
    async close() {
      closed = true;
      await Promise.all([...held.keys(), ...opening.keys()].map((base) => drop(base)));
    },
  };
}
