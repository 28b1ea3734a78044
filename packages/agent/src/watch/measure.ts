import { opendir } from "node:fs/promises";
import { errnoOf, type PathKey } from "@sigil/core/plain";
import { fsPath, joinKey } from "../fs/keys.ts";

/** What a recursive watcher may hold: it keeps every entry in memory and has a descriptor open for each level. */
export interface TreeLimits {
  readonly maxEntries: number;
  readonly maxDepth: number;
}

/** How large a tree is; a reason when it is larger than its watcher may hold. */
export type Measure =
  | { readonly kind: "fits"; readonly entries: number }
  | { readonly kind: "too_large"; readonly why: string };

/** Entries listed with one trip through the thread pool. */
const BUFFER = 512;

/**
 * Counts a tree as far as the limits go, off the event loop. Links are not followed, as the watcher does not.
 * @param enters whether the watcher would go into a directory
 */
export async function measureTree(
  base: PathKey,
  limits: TreeLimits,
  enters: (directory: PathKey) => boolean,
): Promise<Measure> {
  let entries = 0;
  let level = [base];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.maxDepth)
      return { kind: "too_large", why: `more than ${limits.maxDepth} levels` };
    const next: PathKey[] = [];
    for (const directory of level) {
      const listed = await listDirectories(directory, limits.maxEntries - entries);
      // A path the system cannot name ends the watcher of the whole tree.
      if (listed === "too_long") return { kind: "too_large", why: "paths too long to be named" };
      if (listed === "too_many")
        return { kind: "too_large", why: `more than ${limits.maxEntries} entries` };
      entries += listed.entries;
      for (const path of listed.directories) if (enters(path)) next.push(path);
    }
    level = next;
  }
  return { kind: "fits", entries };
}

interface Listed {
  readonly entries: number;
  readonly directories: readonly PathKey[];
}

async function listDirectories(
  directory: PathKey,
  most: number,
): Promise<Listed | "too_many" | "too_long"> {
  const directories: PathKey[] = [];
  let entries = 0;
  try {
    // The typings know no Buffer names for opendir; the runtime gives them.
    const encoding = "buffer" as BufferEncoding;
    for await (const entry of await opendir(fsPath(directory), { encoding, bufferSize: BUFFER })) {
      entries += 1;
      if (entries > most) return "too_many";
      if (entry.isDirectory()) directories.push(joinKey(directory, entry.name));
    }
  } catch (error) {
    if (errnoOf(error) === "ENAMETOOLONG") return "too_long";
    // Gone meanwhile, or not to be read: the watcher passes it by.
  }
  return { entries, directories };
}
