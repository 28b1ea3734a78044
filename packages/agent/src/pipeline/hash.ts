import {
  closeSync,
  fstatSync,
  read,
  readlinkSync,
  readSync,
  realpathSync,
  type BigIntStats,
} from "node:fs";
import {
  errnoOf,
  toDigest,
  type Digest,
  type IncompleteReason,
  type PathKey,
  type Snapshot,
} from "@sigil/core/plain";
import { signed64 } from "../fs/attributes.ts";
import { bytesOfKey, fsPath, joinKey, keyOfBytes, parentKey } from "../fs/keys.ts";
import { openNoFollow } from "../fs/open.ts";
import type { Hasher } from "@sigil/ports/hash";
import type { ResolvedPath } from "./resolve.ts";

export interface HashOptions {
  readonly hasher: Hasher;
  /** Larger files are not read: `too_large`. Bytes. */
  readonly maxBytes: number;
  /** Reads of a file that changes meanwhile, before it is `unstable`. */
  readonly attempts: number;
  /** Owners whose files a link may lead to; null: any (an unprivileged reader can reach no more than its user). */
  readonly linkOwners: ReadonlySet<number> | null;
}

type Found = Extract<ResolvedPath, { kind: "found" }>;
type Link = Extract<ResolvedPath, { kind: "link" }>;

/** What one attempt to read came to. `moved`: something changed under it, look again from the start. */
type Reading =
  | { readonly kind: "digest"; readonly stat: BigIntStats; readonly digest: Digest }
  | { readonly kind: "incomplete"; readonly stat: BigIntStats; readonly why: IncompleteReason }
  | { readonly kind: "moved" };

/** Makes the snapshot of a file: opens it without following, and hashes it if it is regular and small enough. */
export function snapshotFile(found: Found, options: HashOptions): Snapshot | "moved" {
  return toSnapshot(readFile(found, options), found);
}

function toSnapshot(reading: Reading, found: Found): Snapshot | "moved" {
  if (reading.kind === "moved") return "moved";
  const base = fromStat(reading.stat, found.link);
  return reading.kind === "digest"
    ? { ...base, digest: reading.digest }
    : { ...base, incomplete: reading.why };
}

/** The snapshot of a link that leads to no file: its own attributes and what it says. */
export function snapshotLink(link: Link): Snapshot {
  return { ...fromStat(link.stat, link.link), type: "symlink", incomplete: LINK_LACKS[link.why] };
}

const LINK_LACKS: Readonly<Record<Link["why"], IncompleteReason | null>> = {
  loop: "link_loop",
  unreadable: "unreadable",
  dangling: null,
  directory: null,
  not_followed: null,
};

/** The snapshot a file would have if it were read again and gave up: it changes faster than it can be read. */
export function snapshotUnstable(found: Found): Snapshot {
  return { ...fromStat(found.stat, found.link), incomplete: "unstable" };
}

function fromStat(stat: BigIntStats, symlinkTarget: string | null): Snapshot {
  return {
    type: stat.isFile() ? "file" : stat.isSymbolicLink() ? "symlink" : "other",
    dev: signed64(stat.dev),
    ino: signed64(stat.ino),
    size: stat.size,
    mtimeNs: signed64(stat.mtimeNs),
    ctimeNs: signed64(stat.ctimeNs),
    birthtimeNs: signed64(stat.birthtimeNs),
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    digest: null,
    incomplete: null,
    symlinkTarget,
  };
}

function readFile(found: Found, options: HashOptions): Reading {
  const opened = openFile(found, options);
  if (typeof opened !== "number") return opened;
  try {
    const before = vet(opened, found, options);
    if ("kind" in before) return before;
    return readingOf(hashStable(opened, before, options));
  } catch {
    return { kind: "incomplete", stat: found.stat, why: "unreadable" };
  } finally {
    closeSync(opened);
  }
}

/** As {@link snapshotFile}, for a large file on a thread of its own: reads ahead while it hashes. */
export async function snapshotAside(
  found: Found,
  options: HashOptions,
): Promise<Snapshot | "moved"> {
  const opened = openFile(found, options);
  if (typeof opened !== "number") return toSnapshot(opened, found);
  try {
    const before = vet(opened, found, options);
    if ("kind" in before) return toSnapshot(before, found);
    const digest = await hashAhead(opened, Number(before.size), options);
    return toSnapshot(readingOf(sameAfter(opened, before, digest)), found);
  } catch {
    return toSnapshot({ kind: "incomplete", stat: found.stat, why: "unreadable" }, found);
  } finally {
    closeSync(opened);
  }
}

function readingOf(stable: Stable | "moved"): Reading {
  return stable === "moved"
    ? { kind: "moved" }
    : { kind: "digest", stat: stable.stat, digest: toDigest(stable.digest) };
}

/** What is lacking is ours and not the file's: it must not count as unreadable, and has to be tried again. */
const SCARCE: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/** @returns a descriptor, or why there is none */
function openFile(found: Found, options: HashOptions): number | Reading {
  const { stat } = found;
  if (!stat.isFile()) return { kind: "incomplete", stat, why: "not_regular" };
  if (found.link !== null && options.linkOwners && !options.linkOwners.has(Number(stat.uid))) {
    return { kind: "incomplete", stat, why: "not_followed" };
  }
  if (stat.size > options.maxBytes) return { kind: "incomplete", stat, why: "too_large" };
  try {
    return openNoFollow(fsPath(found.final));
  } catch (error) {
    const errno = errnoOf(error);
    // ENOENT, ENOTDIR: gone since lstat, or a directory above it; ELOOP: became a link since lstat.
    if (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP") return { kind: "moved" };
    if (errno !== null && SCARCE.has(errno)) throw error;
    return { kind: "incomplete", stat, why: "unreadable" };
  }
}

/** @returns the stat of an open file that may be hashed, or why it may not */
function vet(descriptor: number, found: Found, options: HashOptions): BigIntStats | Reading {
  const before = fstatSync(descriptor, { bigint: true });
  if (!before.isFile()) return { kind: "incomplete", stat: before, why: "not_regular" };
  if (before.size > options.maxBytes) return { kind: "incomplete", stat: before, why: "too_large" };
  const place = placeOf(descriptor, found.final, options.linkOwners !== null);
  if (place === "elsewhere") return { kind: "moved" };
  if (place === "kernels") return { kind: "incomplete", stat: before, why: "not_regular" };
  const linked = found.link !== null || place === "through_link";
  if (linked && options.linkOwners && !options.linkOwners.has(Number(before.uid))) {
    return { kind: "incomplete", stat: before, why: "not_followed" };
  }
  return before;
}

interface Stable {
  readonly stat: BigIntStats;
  readonly digest: Uint8Array;
}

/** Hashes an open regular file; `moved` when it was not the same before and after. */
export function hashStable(
  descriptor: number,
  before: BigIntStats,
  options: HashOptions,
): Stable | "moved" {
  return sameAfter(descriptor, before, hashOpen(descriptor, Number(before.size), options));
}

function sameAfter(
  descriptor: number,
  before: BigIntStats,
  digest: Uint8Array | null,
): Stable | "moved" {
  if (digest === null) return "moved";
  const stat = fstatSync(descriptor, { bigint: true });
  const stable =
    stat.size === before.size && stat.mtimeNs === before.mtimeNs && stat.ctimeNs === before.ctimeNs;
  return stable ? { stat, digest } : "moved";
}

/**
 * What the kernel makes up is no configuration of anybody, and reading some of it as root has effects: the messages in
 * /proc/kmsg are gone for their reader. A directory swapped for a link after the path was resolved may lead there.
 */
function isKernels(path: Buffer): boolean {
  return /^\/(?:proc|sys)\//.test(path.toString("latin1", 0, KERNELS_MAX));
}

const KERNELS_MAX = 6;

/** Where an open file is: at the path it was opened by, there by way of a linked directory, or not there at all. */
type Place = "as_named" | "through_link" | "kernels" | "elsewhere";

/**
 * A parent directory swapped for a link between resolving and opening leads elsewhere: on Linux the kernel says
 * where the descriptor really is. A file deleted meanwhile reads "… (deleted)" and is looked at again too.
 * @param ask whether it matters that a directory on the way is a link; elsewhere than on Linux it costs a call
 */
function placeOf(descriptor: number, final: PathKey, ask: boolean): Place {
  const parent = parentKey(final);
  if (process.platform !== "linux")
    return ask && parent !== null && realOf(parent) !== parent ? "through_link" : "as_named";
  const opened = readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: "buffer" });
  if (opened.equals(bytesOfKey(final))) return "as_named";
  if (parent === null) return "elsewhere";
  const name = bytesOfKey(final).subarray(bytesOfKey(parent).length + (parent === "/" ? 0 : 1));
  const there = bytesOfKey(joinKey(realOf(parent), name));
  if (!opened.equals(there)) return "elsewhere";
  return isKernels(opened) ? "kernels" : "through_link";
}

function realOf(directory: PathKey): PathKey {
  return keyOfBytes(realpathSync.native(fsPath(directory), { encoding: "buffer" }));
}

const CHUNK = 1024 * 1024;
let shared: Buffer | null = null;

/** @returns the digest, or null when the file is longer or shorter than it was said to be. */
function hashOpen(descriptor: number, size: number, options: HashOptions): Uint8Array | null {
  const room = Math.min(size + 1, CHUNK);
  if (shared === null || shared.length < room)
    shared = Buffer.allocUnsafe(Math.max(room, 64 * 1024));
  const buffer = shared;
  const first = readSync(descriptor, buffer, 0, room, 0);
  if (first === size) return options.hasher.digest(buffer.subarray(0, size));
  const hashing = options.hasher.create();
  let total = 0;
  for (
    let count = first;
    count > 0;
    count = readSync(descriptor, buffer, 0, buffer.length, total)
  ) {
    hashing.update(buffer.subarray(0, count));
    total += count;
    if (total > options.maxBytes) return null;
  }
  return total === size ? hashing.digest() : null;
}

/** Small enough for a processor's cache. Bytes. */
const AHEAD = 512 * 1024;

/** One piece is read while the one before it is hashed; as {@link hashOpen}, in the time of the slower of the two. */
async function hashAhead(
  descriptor: number,
  size: number,
  options: HashOptions,
): Promise<Uint8Array | null> {
  const hashing = options.hasher.create();
  let next = Buffer.allocUnsafeSlow(AHEAD);
  let spare = Buffer.allocUnsafeSlow(AHEAD);
  let reading = readAt(descriptor, next, 0);
  let total = 0;
  try {
    for (let count = await reading; count > 0; count = await reading) {
      total += count;
      if (total > options.maxBytes || total > size) return null;
      const piece = next.subarray(0, count);
      [next, spare] = [spare, next];
      reading = readAt(descriptor, next, total);
      hashing.update(piece);
    }
    return total === size ? hashing.digest() : null;
  } finally {
    // Whoever closes the descriptor must find no read under way on it.
    await reading.catch(() => 0);
  }
}

function readAt(descriptor: number, into: Buffer, position: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  read(descriptor, into, 0, into.length, position, (error, count) =>
    error ? reject(error) : resolve(count),
  );
  return promise;
}
