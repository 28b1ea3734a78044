import { opendirSync, type Dirent } from "node:fs";
import { errnoOf, isRawKey, type PathKey } from "@sigil/core/plain";
import { fsPath, joinKey } from "../fs/keys.ts";
import { leadsNowhere } from "../fs/nowhere.ts";

export type EntryType = "directory" | "symlink" | "file" | "other" | "unknown";

export interface Entry {
  readonly path: PathKey;
  readonly type: EntryType;
}

export type Listing =
  | { readonly kind: "listed"; readonly entries: readonly Entry[]; readonly complete: boolean }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly errno: string };

/** Names read in one turn. */
const READ_AHEAD = 1024;

/** Lists a directory, names as bytes, at most `limit` entries however many it has. */
export function listDirectory(directory: PathKey, limit: number): Listing {
  try {
    // Text costs a third of what Buffers do; U+FFFD in it may stand for any byte, and then the bytes are asked for.
    return isRawKey(directory)
      ? entriesOf(directory, limit, "buffer")
      : (entriesOf(directory, limit, "utf8") ?? entriesOf(directory, limit, "buffer"));
  } catch (error) {
    const errno = errnoOf(error) ?? "EUNKNOWN";
    if (leadsNowhere(errno)) return { kind: "absent" };
    return { kind: "unreadable", errno };
  }
}

type Listed = Extract<Listing, { kind: "listed" }>;

/** @returns null when a name as text may not be the name */
function entriesOf(directory: PathKey, limit: number, encoding: "buffer"): Listed;
function entriesOf(directory: PathKey, limit: number, encoding: "utf8"): Listed | null;
function entriesOf(directory: PathKey, limit: number, encoding: "utf8" | "buffer"): Listed | null {
  const entries: Entry[] = [];
  // The typings know no Buffer names for opendir; the runtime gives them.
  const handle = opendirSync(fsPath(directory), {
    encoding: encoding as BufferEncoding,
    bufferSize: READ_AHEAD,
  });
  try {
    for (let entry = handle.readSync(); entry; entry = handle.readSync()) {
      if (entries.length >= limit) return { kind: "listed", entries, complete: false };
      if (encoding === "utf8" && entry.name.includes("\uFFFD")) return null;
      entries.push({ path: joinKey(directory, entry.name), type: typeOf(entry) });
    }
  } finally {
    handle.closeSync();
  }
  return { kind: "listed", entries, complete: true };
}

function typeOf(entry: Dirent): EntryType {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symlink";
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice()
    ? "other"
    : "unknown";
}
