import { opendirSync, type Dirent } from "node:fs";
import { errnoOf, type PathKey } from "@sigil/core/plain";
import { fsPath, joinKey } from "../fs/keys.ts";

export type EntryType = "directory" | "symlink" | "file" | "other" | "unknown";

export interface Entry {
  readonly path: PathKey;
  readonly type: EntryType;
}

export type Listing =
  | { readonly kind: "listed"; readonly entries: readonly Entry[]; readonly complete: boolean }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly errno: string };

/** Lists a directory, names as bytes, at most `limit` entries however many it has. */
export function listDirectory(directory: PathKey, limit: number): Listing {
  const entries: Entry[] = [];
  try {
    // The typings know no Buffer names for opendir; the runtime gives them.
    const handle = opendirSync(fsPath(directory), {
      encoding: "buffer" as BufferEncoding,
      bufferSize: 256,
    });
    try {
      for (let entry = handle.readSync(); entry; entry = handle.readSync()) {
        if (entries.length >= limit) return { kind: "listed", entries, complete: false };
        entries.push({
          path: joinKey(directory, entry.name),
          type: typeOf(entry),
        });
      }
    } finally {
      handle.closeSync();
    }
    return { kind: "listed", entries, complete: true };
  } catch (error) {
    const errno = errnoOf(error) ?? "EUNKNOWN";
    if (errno === "ENOENT" || errno === "ENOTDIR") return { kind: "absent" };
    return { kind: "unreadable", errno };
  }
}

function typeOf(entry: Dirent): EntryType {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  if (entry.isSymbolicLink()) return "symlink";
  return entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice()
    ? "other"
    : "unknown";
}
