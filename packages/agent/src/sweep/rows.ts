import type { BigIntStats } from "node:fs";
import { toDigest, type PathKey, type Snapshot } from "@sigil/core/plain";
import type { Finding } from "./finding.ts";

/** A regular file of a standard target at first sight, read without anything in its way: a state and nothing to tell. */
export interface PlainFile {
  readonly kind: "plain";
  readonly path: PathKey;
  readonly parent: PathKey;
  readonly targetId: string;
  readonly stat: BigIntStats;
  readonly digest: Uint8Array;
}

/** Many plain files as few flat arrays: their buffers are handed to the other thread, not copied object by object. */
export interface PlainRows {
  readonly paths: readonly PathKey[];
  readonly parents: readonly PathKey[];
  readonly targets: readonly string[];
  /** By row, indexes into `parents` and `targets`. */
  readonly places: Uint32Array<ArrayBuffer>;
  /** By row: dev, ino, size, mtime, ctime, birthtime. */
  readonly stats: BigInt64Array<ArrayBuffer>;
  /** By row: mode, uid, gid. */
  readonly owners: Uint32Array<ArrayBuffer>;
  /** By row, 32 bytes. */
  readonly digests: Uint8Array<ArrayBuffer>;
}

/** Numbers a row has in each array. */
export const ROW = { places: 2, stats: 6, owners: 3, digest: 32 } as const;

/** Gathers plain files into rows. */
export interface RowPacker {
  add(file: PlainFile): void;
  readonly size: number;
  /** What was gathered, or null; the packer is empty again. */
  take(): PlainRows | null;
}

/** @param room rows at most between two calls of `take` */
export function createRowPacker(room: number): RowPacker {
  let rows = emptyRows(room);
  return {
    add(file) {
      put(rows, rows.paths.length, file);
      rows.paths.push(file.path);
    },
    get size() {
      return rows.paths.length;
    },
    take() {
      if (rows.paths.length === 0) return null;
      const taken = rows;
      rows = emptyRows(room);
      return taken;
    },
  };
}

type Gathering = Omit<PlainRows, "paths" | "parents" | "targets"> & {
  readonly paths: PathKey[];
  readonly parents: PathKey[];
  readonly targets: string[];
};

function emptyRows(room: number): Gathering {
  return {
    paths: [],
    parents: [],
    targets: [],
    places: new Uint32Array(room * ROW.places),
    stats: new BigInt64Array(room * ROW.stats),
    owners: new Uint32Array(room * ROW.owners),
    digests: new Uint8Array(room * ROW.digest),
  };
}

function put(rows: Gathering, index: number, { stat, ...file }: PlainFile): void {
  rows.places[index * ROW.places] = indexIn(rows.parents, file.parent);
  rows.places[index * ROW.places + 1] = indexIn(rows.targets, file.targetId);
  const at = index * ROW.stats;
  rows.stats[at] = stat.dev;
  rows.stats[at + 1] = stat.ino;
  rows.stats[at + 2] = stat.size;
  rows.stats[at + 3] = stat.mtimeNs;
  rows.stats[at + 4] = stat.ctimeNs;
  rows.stats[at + 5] = stat.birthtimeNs;
  const own = index * ROW.owners;
  rows.owners[own] = Number(stat.mode) & 0o7777;
  rows.owners[own + 1] = Number(stat.uid);
  rows.owners[own + 2] = Number(stat.gid);
  rows.digests.set(file.digest, index * ROW.digest);
}

/** A walk goes directory by directory: it is the last one or a new one. */
function indexIn(names: string[], name: string): number {
  const last = names.lastIndexOf(name);
  return last >= 0 ? last : names.push(name) - 1;
}

/** The buffers to transfer with the rows. */
export function buffersOf(rows: PlainRows): ArrayBuffer[] {
  return [rows.places.buffer, rows.stats.buffer, rows.owners.buffer, rows.digests.buffer];
}

/** The rows as the findings they stand for: for what must be compared one by one. */
export function findingsOf(rows: PlainRows): Extract<Finding, { kind: "first" }>[] {
  return rows.paths.map((path, index) => ({
    kind: "first",
    path,
    snapshot: snapshotAt(rows, index),
    hops: [],
  }));
}

function snapshotAt(rows: PlainRows, index: number): Snapshot {
  const stat = (column: number) => rows.stats[index * ROW.stats + column] ?? 0n;
  const owner = (column: number) => rows.owners[index * ROW.owners + column] ?? 0;
  return {
    type: "file",
    dev: stat(0),
    ino: stat(1),
    size: stat(2),
    mtimeNs: stat(3),
    ctimeNs: stat(4),
    birthtimeNs: stat(5),
    mode: owner(0),
    uid: owner(1),
    gid: owner(2),
    digest: toDigest(rows.digests.subarray(index * ROW.digest, (index + 1) * ROW.digest)),
    incomplete: null,
    symlinkTarget: null,
  };
}
