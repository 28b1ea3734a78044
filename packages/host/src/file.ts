import { constants } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { errnoOf } from "@sigil/core/plain";

export type FileFacts = {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits only (`mode & 0o7777`). */
  readonly mode: number;
};

/** What came of reading one small file. `reason`: an errno name, `symlink` or `not_regular`. */
export type ReadOutcome =
  | { readonly kind: "read"; readonly text: string; readonly facts: FileFacts }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "too_large"; readonly maxBytes: number };

export type ReadOptions = {
  /** Bytes; a longer file gives `too_large`, never a truncated text. */
  readonly maxBytes?: number;
  /** Follow a link in the last path component. Default false. */
  readonly follow?: boolean;
};

/** The small part of a file system this package reads. */
export interface FileReader {
  read(path: string, options?: ReadOptions): Promise<ReadOutcome>;
  /** Owner and mode of a directory, links followed; null when it is no directory one can see. */
  directory(path: string): Promise<FileFacts | null>;
}

/** Bytes. */
export const SMALL_FILE_BYTES = 64 * 1024;

/** Windows has neither flag: there `read` looks before it opens. */
const NOFOLLOW: number | undefined = constants.O_NOFOLLOW;
const NONBLOCK: number | undefined = constants.O_NONBLOCK;

export function nodeFiles(): FileReader {
  return { read, directory };
}

export function textOf(outcome: ReadOutcome): string | null {
  return outcome.kind === "read" ? outcome.text : null;
}

/** One phrase that says why there is no text. */
export function whyUnread(outcome: Exclude<ReadOutcome, { kind: "read" }>): string {
  if (outcome.kind === "absent") return "absent";
  if (outcome.kind === "too_large") return `over ${outcome.maxBytes} bytes`;
  return `unreadable (${outcome.reason})`;
}

async function read(path: string, options: ReadOptions = {}): Promise<ReadOutcome> {
  const maxBytes = options.maxBytes ?? SMALL_FILE_BYTES;
  const follow = options.follow ?? false;
  try {
    if (!follow && NOFOLLOW === undefined && (await lstat(path)).isSymbolicLink()) {
      return { kind: "unreadable", reason: "symlink" };
    }
    // Non-blocking: a FIFO put in the file's place would otherwise hold the agent for ever.
    const flags = constants.O_RDONLY | (NONBLOCK ?? 0) | (follow ? 0 : (NOFOLLOW ?? 0));
    const handle = await open(path, flags);
    try {
      return await readOpen(handle, maxBytes);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return outcomeOf(error);
  }
}

async function readOpen(handle: FileHandle, maxBytes: number): Promise<ReadOutcome> {
  const stats = await handle.stat();
  if (!stats.isFile()) return { kind: "unreadable", reason: "not_regular" };
  if (stats.size > maxBytes) return { kind: "too_large", maxBytes };
  const bytes = await readUpTo(handle, maxBytes + 1);
  if (bytes.length > maxBytes) return { kind: "too_large", maxBytes };
  return { kind: "read", text: bytes.toString("utf8"), facts: factsOf(stats) };
}

/** Files of /proc have size 0 and others grow while they are read: only a bounded read tells. */
async function readUpTo(handle: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(limit - total, SMALL_FILE_BYTES));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(chunks);
}

async function directory(path: string): Promise<FileFacts | null> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? factsOf(stats) : null;
  } catch {
    return null;
  }
}

function factsOf(stats: { uid: number; gid: number; mode: number }): FileFacts {
  return { uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777 };
}

function outcomeOf(error: unknown): ReadOutcome {
  const errno = errnoOf(error);
  if (errno === "ENOENT" || errno === "ENOTDIR") return { kind: "absent" };
  if (errno === "ELOOP" || errno === "EMLINK") return { kind: "unreadable", reason: "symlink" };
  return { kind: "unreadable", reason: errno ?? "unknown" };
}
