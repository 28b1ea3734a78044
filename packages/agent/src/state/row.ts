import {
  toDigest,
  type FileType,
  type IncompleteReason,
  type Snapshot,
  type StoredState,
} from "@sigil/core/plain";

/** A row of `paths` as SQLite gives it with safe integers on. */
export interface PathRow {
  readonly path: Buffer;
  readonly generation: bigint;
  readonly touched_at: bigint;
  readonly removed_at: bigint | null;
  readonly target_id: string;
  readonly type: string;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtime_ns: bigint;
  readonly ctime_ns: bigint;
  readonly birthtime_ns: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly digest: Buffer | null;
  readonly incomplete: string | null;
  readonly symlink_target: string | null;
}

/** The columns of a row in the order of {@link toValues}. */
export const COLUMNS = [
  "path",
  "parent",
  "generation",
  "touched_at",
  "removed_at",
  "target_id",
  "type",
  "dev",
  "ino",
  "size",
  "mtime_ns",
  "ctime_ns",
  "birthtime_ns",
  "mode",
  "uid",
  "gid",
  "digest",
  "incomplete",
  "symlink_target",
] as const;

function snapshotOf(row: PathRow): Snapshot {
  return {
    type: row.type as FileType,
    dev: row.dev,
    ino: row.ino,
    size: row.size,
    mtimeNs: row.mtime_ns,
    ctimeNs: row.ctime_ns,
    birthtimeNs: row.birthtime_ns,
    mode: Number(row.mode),
    uid: Number(row.uid),
    gid: Number(row.gid),
    digest: row.digest === null ? null : toDigest(row.digest),
    incomplete: row.incomplete as IncompleteReason | null,
    symlinkTarget: row.symlink_target,
  };
}

export function stateOf(row: PathRow): StoredState {
  return {
    snapshot: row.removed_at === null ? snapshotOf(row) : null,
    generation: Number(row.generation),
    touchedAt: Number(row.touched_at),
  };
}

/** What is written for one path: its state after a change. */
export interface StateWrite {
  readonly path: Buffer;
  readonly parent: Buffer;
  readonly targetId: string;
  readonly generation: number;
  readonly touchedAt: number;
  /** Wall milliseconds; null while the path is there. */
  readonly removedAt: number | null;
  /** Of a removed path: what it was last. */
  readonly snapshot: Snapshot;
}

export function toValues(write: StateWrite): unknown[] {
  const { snapshot } = write;
  return [
    write.path,
    write.parent,
    write.generation,
    write.touchedAt,
    write.removedAt,
    write.targetId,
    snapshot.type,
    snapshot.dev,
    snapshot.ino,
    snapshot.size,
    snapshot.mtimeNs,
    snapshot.ctimeNs,
    snapshot.birthtimeNs,
    snapshot.mode,
    snapshot.uid,
    snapshot.gid,
    snapshot.digest === null ? null : Buffer.from(snapshot.digest.slice("blake3:".length), "hex"),
    snapshot.incomplete,
    snapshot.symlinkTarget,
  ];
}
