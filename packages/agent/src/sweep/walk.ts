import { lstatSync, statSync, type BigIntStats } from "node:fs";
import type { Matcher, PathKey, Root } from "@sigil/core/plain";
import { isApart, isApartDirectory, liesApart } from "../fs/apart.ts";
import { fsPath, joinKey } from "../fs/keys.ts";
import { listDirectory, type Entry } from "./list.ts";

/** One thing a walk meets. `tick` gives the caller a moment to breathe between entries that mean nothing to it. */
export type Met =
  | {
      readonly kind: "entry";
      readonly path: PathKey;
      readonly file: boolean;
      /** In the listing of the directory that was met last; false: the root's base itself. */
      readonly listed: boolean;
    }
  | { readonly kind: "directory"; readonly path: PathKey }
  | { readonly kind: "left"; readonly path: PathKey }
  | { readonly kind: "unreadable"; readonly path: PathKey; readonly errno: string }
  | { readonly kind: "truncated" }
  /** There are directories below the deepest level that is entered; met once. */
  | { readonly kind: "too_deep" }
  | { readonly kind: "tick" };

export interface WalkLimits {
  readonly maxDepth: number;
  readonly maxEntries: number;
  /** Owners a linked directory may have; null: any. */
  readonly linkOwners: ReadonlySet<number> | null;
}

interface Level {
  readonly path: PathKey;
  readonly depth: number;
}

/**
 * Meets every path below a root that the root may mean, directories before their entries; `left` closes a directory.
 * Linked directories are entered when the root follows links, each inode once, so a loop ends.
 */
export function* walk(root: Root, matcher: Matcher, limits: WalkLimits): Generator<Met> {
  const base = statBase(root, limits.linkOwners);
  if (base === null) return;
  if (!base.isDirectory()) {
    if (root.pattern === null) yield { kind: "entry", path: root.base, file: false, listed: false };
    return;
  }
  // A base that is itself a link is evidence of its own: where it leads may be swapped.
  if (root.pattern === null && isLink(root.base))
    yield { kind: "entry", path: root.base, file: false, listed: false };
  const visited = new Set<string>([inode(base)]);
  const stack: Level[] = [{ path: root.base, depth: 0 }];
  let budget = limits.maxEntries;
  let tooDeep = false;
  for (let level = stack.pop(); level; level = stack.pop()) {
    if (isApart(level.path)) continue;
    const listing = listDirectory(level.path, budget);
    if (listing.kind === "absent") continue;
    if (listing.kind === "unreadable") {
      yield { kind: "unreadable", path: level.path, errno: listing.errno };
      continue;
    }
    yield { kind: "directory", path: level.path };
    for (const entry of listing.entries) {
      const child = enter(root, matcher, entry, limits, visited);
      if (child && level.depth < limits.maxDepth)
        stack.push({ path: entry.path, depth: level.depth + 1 });
      else if (child && !tooDeep) {
        tooDeep = true;
        yield { kind: "too_deep" };
      }
      if (entry.type === "directory") yield { kind: "tick" };
      else
        yield {
          kind: "entry",
          path: entry.path,
          file: entry.type === "file",
          listed: true,
        };
    }
    if (listing.complete) yield { kind: "left", path: level.path };
    budget -= listing.entries.length;
    if (!listing.complete || (budget <= 0 && stack.length > 0)) {
      yield { kind: "truncated" };
      return;
    }
  }
}

function enter(
  root: Root,
  matcher: Matcher,
  entry: Entry,
  limits: WalkLimits,
  visited: Set<string>,
): boolean {
  if (entry.type === "file" || entry.type === "other") return false;
  if (entry.type === "symlink" && !root.followSymlinks) return false;
  if (!matcher.mayDescend(root, entry.path)) return false;
  if (entry.type === "directory") return true;
  const stat = statOrNull(entry.path);
  if (!stat?.isDirectory() || isApartDirectory(stat) || !ownerAllowed(stat, limits.linkOwners))
    return false;
  // Mounts of the kernel inside its own have other devices.
  if (liesApart(joinKey(entry.path, "."))) return false;
  const id = inode(stat);
  if (visited.has(id)) return false;
  visited.add(id);
  return true;
}

function statBase(root: Root, linkOwners: ReadonlySet<number> | null): BigIntStats | null {
  const own = lstatOrNull(root.base);
  if (!own) return null;
  if (!own.isSymbolicLink()) return own;
  if (!root.followSymlinks) return root.pattern === null ? own : null;
  const led = statOrNull(root.base);
  // Dangling, or led to by a link that root must not follow: the link itself is what there is.
  if (!led || !ownerAllowed(led, linkOwners)) return own;
  return led;
}

function ownerAllowed(stat: BigIntStats, owners: ReadonlySet<number> | null): boolean {
  return owners === null || owners.has(Number(stat.uid));
}

function isLink(path: PathKey): boolean {
  return lstatOrNull(path)?.isSymbolicLink() === true;
}

function lstatOrNull(path: PathKey): BigIntStats | null {
  try {
    return lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function statOrNull(path: PathKey): BigIntStats | null {
  try {
    return statSync(fsPath(path), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function inode(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}`;
}
