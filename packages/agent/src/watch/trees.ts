import type { AsyncSubscription, BackendType, Event } from "@parcel/watcher";
import { messageOf, type PathKey } from "@sigil/core/plain";

export interface TreeEvents {
  onEvent(path: PathKey, kind: "create" | "update" | "delete"): void;
  onError(base: PathKey, message: string): void;
}

/** Recursive watchers for large standard trees. The backend is always named: unnamed, the library would run whatever `watchman` is on PATH. */
export interface TreeWatchers {
  readonly backend: string;
  subscribe(base: PathKey, ignore: readonly string[]): Promise<boolean>;
  /** Drops a subscription and makes it again. There is a moment between the two: a sweep must follow. */
  renew(base: PathKey): Promise<void>;
  drop(base: PathKey): Promise<void>;
  readonly bases: readonly PathKey[];
  close(): Promise<void>;
}

const BACKENDS: Readonly<Partial<Record<NodeJS.Platform, BackendType>>> = {
  linux: "inotify",
  darwin: "fs-events",
  win32: "windows",
};

interface Held {
  subscription: AsyncSubscription;
  readonly ignore: readonly string[];
}

export function createTreeWatchers(events: TreeEvents): TreeWatchers {
  const held = new Map<PathKey, Held>();
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

  async function drop(base: PathKey): Promise<void> {
    const entry = held.get(base);
    held.delete(base);
    await entry?.subscription.unsubscribe();
  }

  return {
    backend,
    async subscribe(base, ignore) {
      if (held.has(base)) return true;
      try {
        held.set(base, { subscription: await open(base, ignore), ignore });
        return true;
      } catch (error) {
        events.onError(base, messageOf(error));
        return false;
      }
    },
    async renew(base) {
      const entry = held.get(base);
      if (!entry) return;
      // The old one must be gone first: while it lives, the library takes the tree from its cache and sees nothing
      // new (seen on Linux, 2.6.0). What changes between the two is found by the sweep that the caller starts.
      await entry.subscription.unsubscribe();
      entry.subscription = await open(base, entry.ignore);
    },
    drop,
    get bases() {
      return [...held.keys()];
    },
    async close() {
      await Promise.all([...held.keys()].map((base) => drop(base)));
    },
  };
}
