import { lstatSync, statSync, type BigIntStats } from "node:fs";
import { errnoOf, type PathKey, type Snapshot, type StoredState } from "@sigil/core/plain";
import { sameAttributes } from "../fs/attributes.ts";
import { fsPath } from "../fs/keys.ts";
import { leadsNowhere } from "../fs/nowhere.ts";

export interface PatrolPorts {
  /** The directories that are watched one by one. */
  watched(): readonly PathKey[];
  /** Sees to a watched directory that another has taken the place of. */
  check(directory: PathKey): void;
  /** What is stored of the entries of a directory, at most `limit`. */
  stored(directory: PathKey, limit: number): readonly Stored[];
  /** A path that is no longer what is stored of it. */
  differs(path: PathKey): void;
}

export interface Stored {
  readonly path: PathKey;
  readonly state: StoredState;
}

/**
 * Some changes send no event to whoever watches a directory: a mount over it, a write through a second name of a file
 * (a hard link elsewhere), through a memory map, or below an overlay. The sweep finds them in minutes; a patrol goes
 * by the watched directories and the files in them, some at a time, and finds them in seconds.
 */
export interface Patrol {
  close(): void;
}

/** Directories in one go, and entries in them: it runs between two events and may keep neither waiting. */
const DIRECTORIES = 256;
const LOOKS = 2048;
/** Stored entries of one directory; of a larger one the rest is left to the sweep. */
const ENTRIES = 256;

export function startPatrol(everyMs: number, ports: PatrolPorts): Patrol {
  let round: readonly PathKey[] = [];
  let next = 0;
  const timer = setInterval(() => {
    if (next >= round.length) {
      round = ports.watched();
      next = 0;
    }
    const end = next + DIRECTORIES;
    let looks = 0;
    for (; next < end && looks < LOOKS; next += 1) {
      const directory = round[next];
      if (directory === undefined) return;
      ports.check(directory);
      const entries = ports.stored(directory, ENTRIES);
      looks += entries.length;
      for (const { path, state } of entries)
        if (state.snapshot !== null && isOther(path, state.snapshot)) ports.differs(path);
    }
  }, everyMs).unref();
  return { close: () => clearInterval(timer) };
}

/** True when a path is surely not what was stored of it; what cannot be looked at is left to the sweep. */
export function isOther(path: PathKey, stored: Snapshot): boolean {
  // Of a link that is followed, the file it leads to is stored.
  const through = stored.symlinkTarget !== null && stored.type !== "symlink";
  const stat = look(path, through);
  if (stat === "denied") return false;
  if (stat === null) return true;
  return !sameAttributes(stored, stat);
}

function look(path: PathKey, through: boolean): BigIntStats | "denied" | null {
  const options = { bigint: true, throwIfNoEntry: false } as const;
  try {
    return (through ? statSync(fsPath(path), options) : lstatSync(fsPath(path), options)) ?? null;
  } catch (error) {
    return leadsNowhere(errnoOf(error)) ? null : "denied";
  }
}
