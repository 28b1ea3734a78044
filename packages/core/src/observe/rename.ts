import type { Snapshot } from "./snapshot.ts";

/** One side of a possible rename: a path that is gone, or one that is new, in the same pass. */
export interface RenameSide {
  readonly path: string;
  readonly snapshot: Snapshot;
}

/**
 * Pairs paths that vanished with paths that appeared (design §2): equal device, inode and birth time; where the
 * filesystem keeps no birth time, equal digest too, since inode numbers are used again at once.
 * @param gone paths absent now, with their stored snapshot
 * @param fresh paths present now that state did not know
 * @returns new path → old path; each old path is used once.
 */
export function pairRenames(
  gone: readonly RenameSide[],
  fresh: readonly RenameSide[],
): ReadonlyMap<string, string> {
  const byInode = new Map<string, RenameSide[]>();
  for (const side of gone) {
    const key = inodeOf(side.snapshot);
    const list = byInode.get(key);
    if (list) list.push(side);
    else byInode.set(key, [side]);
  }
  const pairs = new Map<string, string>();
  for (const side of fresh) {
    const candidates = byInode.get(inodeOf(side.snapshot)) ?? [];
    const index = candidates.findIndex((old) => isSameFile(old.snapshot, side.snapshot));
    const [old] = index < 0 ? [] : candidates.splice(index, 1);
    if (old) pairs.set(side.path, old.path);
  }
  return pairs;
}

function inodeOf(snapshot: Snapshot): string {
  return `${snapshot.dev}:${snapshot.ino}`;
}

function isSameFile(old: Snapshot, now: Snapshot): boolean {
  if (old.type !== now.type || old.birthtimeNs !== now.birthtimeNs) return false;
  return now.birthtimeNs !== 0n || (old.digest !== null && old.digest === now.digest);
}
