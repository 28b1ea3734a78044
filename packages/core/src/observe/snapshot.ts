import type { Digest } from "../digest.ts";

export type FileType = "file" | "symlink" | "directory" | "other";

/** Why a present file has no digest. */
export type IncompleteReason =
  | "too_large"
  | "unreadable"
  | "unstable"
  | "not_regular"
  | "not_followed"
  | "link_loop";

/**
 * What a path was at one instant. For a link that is followed, `size`, `mode`, times and digest are those of the
 * file it leads to, and `symlinkTarget` is what the link itself says.
 */
export interface Snapshot {
  readonly type: FileType;
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** 0 when the filesystem keeps none. */
  readonly birthtimeNs: bigint;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly digest: Digest | null;
  readonly incomplete: IncompleteReason | null;
  readonly symlinkTarget: string | null;
}

/** A snapshot as the state database keeps it. */
export interface StoredState {
  /** Null: the path was there once and is gone. */
  readonly snapshot: Snapshot | null;
  /** Changes recorded of this path; part of `dedup_key`. */
  readonly generation: number;
  /** Wall milliseconds of the last `modified` with equal hashes, 0 when none. */
  readonly touchedAt: number;
}
