import type { Snapshot, StoredState } from "./snapshot.ts";

export const CHANGE_KINDS = [
  "discovered",
  "created",
  "modified",
  "removed",
  "renamed",
  "attributes_modified",
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What the hints of a path add to what the two snapshots say. */
export interface DiffFacts {
  /** The root of this path has no baseline yet: the file may be old. */
  readonly firstSight: boolean;
  readonly hints: number;
  /**
   * A critical path whose hints say nothing of how often it was written: no watcher told of it, or once, and the kernel
   * folds equal notices that nobody has read yet (inotify(7)).
   */
  readonly uncounted: boolean;
  /** Wall milliseconds. */
  readonly now: number;
  readonly touchNoteMs: number;
}

/**
 * `change`: an event. `refresh`: nothing to tell, but the stored times are old. `none`: equal.
 * `rewritten` marks a change whose contents are the same before and after (A→B→A, design §3).
 */
export type Diff =
  | { readonly kind: "change"; readonly change: ChangeKind; readonly rewritten: boolean }
  | { readonly kind: "refresh" }
  | { readonly kind: "none" };

const NONE: Diff = { kind: "none" };

/** Compares what was stored with what is there. The only place that decides a `change_kind`. */
export function diff(before: StoredState | null, after: Snapshot | null, facts: DiffFacts): Diff {
  const old = before?.snapshot ?? null;
  if (old === null && after === null) return NONE;
  if (old === null) return change(facts.firstSight && before === null ? "discovered" : "created");
  if (after === null) return change("removed");
  if (contentsDiffer(old, after)) return change("modified");
  if (attributesDiffer(old, after)) return change("attributes_modified");
  if (sameStat(old, after)) return NONE;
  return wasRewritten(old, after, facts, before?.touchedAt ?? 0)
    ? { kind: "change", change: "modified", rewritten: true }
    : { kind: "refresh" };
}

function change(kind: ChangeKind): Diff {
  return { kind: "change", change: kind, rewritten: false };
}

function contentsDiffer(old: Snapshot, now: Snapshot): boolean {
  if (old.type !== now.type || old.symlinkTarget !== now.symlinkTarget) return true;
  if (old.digest !== null && now.digest !== null) return old.digest !== now.digest;
  if ((old.digest === null) !== (now.digest === null)) return true;
  // Neither was hashed: all that can be compared is what stat says. A link's own times say nothing of contents.
  if (now.type !== "file") return old.incomplete !== now.incomplete;
  return (
    old.incomplete !== now.incomplete ||
    old.size !== now.size ||
    old.mtimeNs !== now.mtimeNs ||
    old.ino !== now.ino ||
    old.dev !== now.dev ||
    // Whoever writes can set mtime back, not ctime; a change of attributes moves it too and is told as such.
    (old.ctimeNs !== now.ctimeNs && !attributesDiffer(old, now))
  );
}

function attributesDiffer(old: Snapshot, now: Snapshot): boolean {
  return old.mode !== now.mode || old.uid !== now.uid || old.gid !== now.gid;
}

/** True when a file can be taken as unread-again equal: same inode, size and both times. */
export function sameStat(old: Snapshot, now: Snapshot): boolean {
  return (
    old.ctimeNs === now.ctimeNs &&
    old.mtimeNs === now.mtimeNs &&
    old.size === now.size &&
    old.ino === now.ino &&
    old.dev === now.dev
  );
}

/**
 * Equal contents, but something was done. Two hints and a moved ctime are more than one `touch`, whatever became of
 * mtime: whoever writes can set that back. Where hints do not count a moved ctime alone says little (a backup's hard links).
 */
function wasRewritten(old: Snapshot, now: Snapshot, facts: DiffFacts, touchedAt: number): boolean {
  if (old.ctimeNs === now.ctimeNs) return false;
  const replaced = (old.mtimeNs !== now.mtimeNs || old.ino !== now.ino) && !timesUnknown(old);
  if (facts.uncounted ? !replaced || now.type !== "file" : facts.hints < 2) return false;
  const since = facts.now - touchedAt;
  // A clock set back must not silence the note for years.
  return since < 0 || since >= facts.touchNoteMs;
}

/** Taken from an event, after a crash: what is there now differs from it in every time, and nothing follows from that. */
function timesUnknown(old: Snapshot): boolean {
  return old.ctimeNs === 0n && old.mtimeNs === 0n && old.ino === 0n;
}
