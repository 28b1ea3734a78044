import type { IncompleteReason, PathKey } from "@sigil/core/plain";
import type { Attributes } from "../fs/attributes.ts";
import { bytesOfKey, keyOfBytes } from "../fs/keys.ts";
import type { Db } from "../state/database.ts";
import { placeOf, rangeBelow } from "../state/store.ts";

/** What a sweep needs to know of a stored path: whether it may be taken as unchanged. */
export interface KnownPath extends Attributes {
  readonly removed: boolean;
  readonly incomplete: IncompleteReason | null;
  readonly symlinkTarget: string | null;
}

/** The stored paths as a sweep reads them: a directory at a time, on a connection of its own. */
export interface KnownPaths {
  /** The entries of one directory, by path. */
  inDirectory(directory: PathKey): Map<PathKey, KnownPath>;
  one(path: PathKey): KnownPath | null;
  /** The directory and those below it that have paths in them, gone ones too: one step in the index for each. */
  parentsBelow(directory: PathKey): Iterable<PathKey>;
  /** Present paths, directory by directory, behind a place; at most `limit`. */
  presentAfter(place: Place, limit: number): readonly PresentPath[];
}

/** Where in the order of directories and paths. */
export type Place = readonly [parent: Buffer, path: Buffer];

export interface PresentPath {
  readonly path: PathKey;
  readonly parent: PathKey;
  readonly place: Place;
}

/** Before every path. */
export const FIRST_PLACE: Place = [Buffer.alloc(0), Buffer.alloc(0)];

/** Behind the paths in `parent`; when it is not `base` itself, behind all below `base`. Between the two may be others. */
export function behind(parent: PathKey, base: PathKey): Place {
  const next = parent === base ? Buffer.concat([bytesOfKey(base), ZERO]) : rangeBelow(base)[1];
  return [next, Buffer.alloc(0)];
}

type Row = [
  path: string,
  removedAt: bigint | null,
  dev: bigint,
  ino: bigint,
  size: bigint,
  mtimeNs: bigint,
  ctimeNs: bigint,
  incomplete: string | null,
  symlinkTarget: string | null,
];

// Text costs half of what a Buffer does; bytes that are not UTF-8 come out with U+FFFD and are fetched again.
const SELECT =
  "SELECT CAST(path AS TEXT), removed_at, dev, ino, size, mtime_ns, ctime_ns, incomplete, symlink_target FROM paths";

/** What comes right after a key in the order of bytes. */
const ZERO = Buffer.alloc(1);

export function openKnownPaths(db: Db): KnownPaths {
  const byParent = db.prepare(`${SELECT} WHERE parent = ?`).safeIntegers(true).raw(true);
  const byPath = db.prepare(`${SELECT} WHERE parent = ? AND path = ?`).safeIntegers(true).raw(true);
  const pathsOf = db.prepare("SELECT path FROM paths WHERE parent = ?").pluck(true);
  const nextParent = db
    .prepare("SELECT parent FROM paths WHERE parent >= ? AND parent < ? ORDER BY parent LIMIT 1")
    .pluck(true);

  const presentAfter = db.prepare(
    "SELECT parent, path FROM paths WHERE (parent, path) > (?, ?) AND removed_at IS NULL ORDER BY parent, path LIMIT ?",
  );

  function one(path: PathKey): KnownPath | null {
    const row = byPath.get(...placeOf(path)) as Row | undefined;
    return row ? knownOf(row) : null;
  }

  function exactly(directory: PathKey): Map<PathKey, KnownPath> {
    const rows = new Map<PathKey, KnownPath>();
    for (const bytes of pathsOf.all(bytesOfKey(directory)) as Buffer[]) {
      const key = keyOfBytes(bytes);
      const known = one(key);
      if (known) rows.set(key, known);
    }
    return rows;
  }

  return {
    inDirectory(directory) {
      const rows = new Map<PathKey, KnownPath>();
      for (const row of byParent.all(bytesOfKey(directory)) as Row[]) {
        if (row[0].includes("\uFFFD")) return exactly(directory);
        rows.set(row[0], knownOf(row));
      }
      return rows;
    },
    one,
    presentAfter(place, limit) {
      const rows = presentAfter.all(...place, limit) as { parent: Buffer; path: Buffer }[];
      return rows.map(({ parent, path }) => ({
        path: keyOfBytes(path),
        parent: keyOfBytes(parent),
        place: [parent, path],
      }));
    },
    *parentsBelow(directory) {
      const [below, end] = rangeBelow(directory);
      const own = bytesOfKey(directory);
      if (!below.equals(own) && pathsOf.get(own) !== undefined) yield directory;
      for (let from = below; ;) {
        const parent = nextParent.get(from, end) as Buffer | undefined;
        if (parent === undefined) return;
        yield keyOfBytes(parent);
        from = Buffer.concat([parent, ZERO]);
      }
    },
  };
}

function knownOf(row: Row): KnownPath {
  return {
    removed: row[1] !== null,
    dev: row[2],
    ino: row[3],
    size: row[4],
    mtimeNs: row[5],
    ctimeNs: row[6],
    incomplete: row[7] as IncompleteReason | null,
    symlinkTarget: row[8],
  };
}
