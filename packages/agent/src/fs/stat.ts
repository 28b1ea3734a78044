import { lstatSync, statSync } from "node:fs";
import type { PathKey } from "@sigil/core/plain";
import { fsPath } from "./keys.ts";

/** Names the directory a path leads to, whatever links are on the way; null when it leads to none. Never throws. */
export function directoryId(path: PathKey): string | null {
  try {
    const stat = statSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
    return stat?.isDirectory() === true ? `${stat.dev}:${stat.ino}` : null;
  } catch {
    return null;
  }
}

/**
 * Tells a directory from another that took its place, also one made anew: inode numbers are used again at once. Null
 * when there is none. Never throws.
 */
export function directoryIdentity(path: PathKey): string | null {
  try {
    const stat = statSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
    return stat?.isDirectory() === true ? `${stat.dev}:${stat.ino}:${stat.birthtimeNs}` : null;
  } catch {
    return null;
  }
}

/** True for a directory, also one that a link leads to. Never throws. */
export function isDirectory(path: PathKey): boolean {
  try {
    return statSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** True for a link, wherever it leads. Never throws. */
export function isLink(path: PathKey): boolean {
  try {
    return lstatSync(fsPath(path), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}
