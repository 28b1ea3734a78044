import { watch, type FSWatcher } from "node:fs";
import { errnoOf, messageOf, type PathKey } from "@sigil/core/plain";
import { fsPath, isBelow } from "../fs/keys.ts";
import { leadsNowhere } from "../fs/nowhere.ts";
import { directoryIdentity } from "../fs/stat.ts";

/** What came of asking for a watch. `exhausted`: the system or the setting allows no more. */
export type WatchOutcome = "new" | "kept" | "absent" | "denied" | "exhausted";

export interface ShallowEvents {
  /** Something happened to an entry of a directory; `name` is null when the system does not say to which. */
  onEntry(directory: PathKey, name: Buffer | string | null): void;
  /** A watcher broke and is gone. */
  onError(directory: PathKey, message: string): void;
}

/** Watches single directories, not what is below them: latency stays low whatever happens elsewhere (design §2). */
export interface ShallowWatchers {
  /** Watches a directory (through a link, where it leads). Again if another directory has taken its place. */
  ensure(directory: PathKey): WatchOutcome;
  drop(directory: PathKey): void;
  /** Watched directories at or below a path. */
  within(path: PathKey): PathKey[];
  has(directory: PathKey): boolean;
  /** The names under which the directory that a path leads to is watched, and that still lead to it. */
  namesOf(directory: PathKey): PathKey[];
  readonly directories: readonly PathKey[];
  readonly size: number;
  close(): void;
}

interface Held {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

const EXHAUSTED = new Set(["ENOSPC", "EMFILE", "ENFILE"]);

export function createShallowWatchers(max: number, events: ShallowEvents): ShallowWatchers {
  const held = new Map<PathKey, Held>();
  const byIdentity = new Map<string, Set<PathKey>>();

  function drop(directory: PathKey): void {
    const entry = held.get(directory);
    if (!entry) return;
    held.delete(directory);
    const names = byIdentity.get(entry.identity);
    names?.delete(directory);
    if (names?.size === 0) byIdentity.delete(entry.identity);
    entry.watcher.close();
  }

  function hold(directory: PathKey, entry: Held): void {
    held.set(directory, entry);
    const names = byIdentity.get(entry.identity);
    if (names) names.add(directory);
    else byIdentity.set(entry.identity, new Set([directory]));
  }

  function open(directory: PathKey, identity: string): WatchOutcome {
    if (held.size >= max) return "exhausted";
    try {
      const onChange = (_type: string, name: Buffer | string | null) =>
        events.onEntry(directory, name);
      const watcher = watch(fsPath(directory), { encoding: "buffer", persistent: false }, onChange);
      watcher.on("error", (error) => {
        if (held.get(directory)?.watcher !== watcher) return;
        drop(directory);
        events.onError(directory, messageOf(error));
      });
      hold(directory, { watcher, identity });
      return "new";
    } catch (error) {
      const errno = errnoOf(error) ?? "";
      if (EXHAUSTED.has(errno)) return "exhausted";
      return leadsNowhere(errno) ? "absent" : "denied";
    }
  }

  return {
    ensure(directory) {
      const identity = directoryIdentity(directory);
      if (identity === null) {
        drop(directory);
        return "absent";
      }
      if (held.get(directory)?.identity === identity) return "kept";
      drop(directory);
      return open(directory, identity);
    },
    drop,
    within(path) {
      return [...held.keys()].filter((directory) => isBelow(directory, path));
    },
    has: (directory) => held.has(directory),
    namesOf(directory) {
      const identity = directoryIdentity(directory);
      const names = identity === null ? undefined : byIdentity.get(identity);
      return [...(names ?? [])].filter((name) => directoryIdentity(name) === identity);
    },
    get directories() {
      return [...held.keys()];
    },
    get size() {
      return held.size;
    },
    close() {
      for (const directory of held.keys()) drop(directory);
    },
  };
}
