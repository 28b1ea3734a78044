import type { PathKey } from "@sigil/core/plain";
import { bytesOfKey, keyOfBytes } from "../fs/keys.ts";
import type { Db } from "../state/database.ts";
import { COLUMNS, type PathRow } from "../state/row.ts";
import { rangeBelow } from "../state/store.ts";

/** The stored paths as a sweep reads them: a directory at a time, on a connection of its own. */
export interface KnownPaths {
  /** Rows of the entries of one directory, by path. */
  inDirectory(directory: PathKey): Map<PathKey, PathRow>;
  one(path: PathKey): PathRow | null;
  /** Present paths below a directory, in path order, with the directory each is in. */
  below(directory: PathKey): Iterable<{ readonly path: PathKey; readonly parent: PathKey }>;
}

export function openKnownPaths(db: Db): KnownPaths {
  const list = COLUMNS.join(", ");
  const byParent = db.prepare(`SELECT ${list} FROM paths WHERE parent = ?`).safeIntegers(true);
  const byPath = db.prepare(`SELECT ${list} FROM paths WHERE path = ?`).safeIntegers(true);
  const present = db.prepare(
    "SELECT path, parent FROM paths WHERE path >= ? AND path < ? AND removed_at IS NULL",
  );
  return {
    inDirectory(directory) {
      const rows = new Map<PathKey, PathRow>();
      for (const row of byParent.all(bytesOfKey(directory)) as PathRow[])
        rows.set(keyOfBytes(row.path), row);
      return rows;
    },
    one: (path) => (byPath.get(bytesOfKey(path)) as PathRow | undefined) ?? null,
    *below(directory) {
      // Read whole, not held open: an open cursor would keep the write-ahead log from being checkpointed.
      for (const row of present.all(...rangeBelow(directory)) as {
        path: Buffer;
        parent: Buffer;
      }[]) {
        yield { path: keyOfBytes(row.path), parent: keyOfBytes(row.parent) };
      }
    },
  };
}
