import {
  changeSeverity,
  dedupKey,
  diff,
  qualityOf,
  type ChangeKind,
  type FileChange,
  type Match,
  type PathKey,
  type Severity,
  type Snapshot,
  type StoredState,
} from "@sigil/core/plain";
import { bytesOfKey, displayPath, parentKey } from "../fs/keys.ts";
import type { Hasher } from "@sigil/ports/hash";
import type { StateWrite } from "../state/row.ts";

/** A path looked at, with what its hints say. */
export interface Seen {
  readonly path: PathKey;
  readonly match: Pick<Match, "targetId" | "tier">;
  readonly snapshot: Snapshot | null;
  /** No watcher noticed it. */
  readonly found: boolean;
  readonly hints: number;
  readonly bursts: number;
  /** All its roots lack a baseline. */
  readonly firstSight: boolean;
}

/** What the flow writes down of one path: an event and the state after it, or only the state. */
export interface Change {
  readonly path: PathKey;
  readonly write: StateWrite;
  /** Null: nothing to tell (first sight of a standard target, or only times moved). */
  readonly event: {
    readonly severity: Severity;
    readonly evidence: FileChange;
    readonly targetId: string;
    readonly dedupKey: string;
  } | null;
  /** Of a rename: the path it came from and its state, which goes with it. */
  readonly from: StateWrite | null;
}

export interface CompareContext {
  readonly epoch: string;
  readonly hasher: Hasher;
  readonly touchNoteMs: number;
  readonly generationFloor: number;
}

export interface RenamedFrom {
  readonly path: PathKey;
  readonly state: StoredState;
}

/**
 * Compares what was stored with what was seen.
 * @param now wall milliseconds
 * @returns null when there is nothing to write
 */
export function compare(
  seen: Seen,
  before: StoredState | null,
  renamed: RenamedFrom | null,
  now: number,
  context: CompareContext,
): Change | null {
  const facts = {
    firstSight: seen.firstSight,
    hints: seen.hints,
    uncounted: seen.match.tier === "critical" && (seen.found || seen.hints < 2),
    now,
    touchNoteMs: context.touchNoteMs,
  };
  const result = diff(before, seen.snapshot, facts);
  if (result.kind === "none") return null;
  const generation = (before?.generation ?? context.generationFloor) + 1;
  if (result.kind === "refresh") return silent(seen, before, before?.generation ?? generation, now);
  if (result.change === "discovered" && seen.match.tier === "standard")
    return silent(seen, before, generation, now);
  const kind: ChangeKind = renamed ? "renamed" : result.change;
  const evidence = evidenceOf(
    kind,
    seen,
    renamed ? renamed.state : before,
    renamed,
    result.rewritten,
  );
  const touchedAt = result.rewritten ? now : (before?.touchedAt ?? 0);
  return {
    path: seen.path,
    write: writeOf(seen, before, generation, touchedAt, now),
    from: renamed ? fromWrite(renamed, seen, now) : null,
    event: {
      severity: changeSeverity(seen.match.tier, kind),
      evidence,
      targetId: seen.match.targetId,
      dedupKey: keyOf(seen, generation, evidence, context),
    },
  };
}

function silent(seen: Seen, before: StoredState | null, generation: number, now: number): Change {
  const write = writeOf(seen, before, generation, before?.touchedAt ?? 0, now);
  return { path: seen.path, write, event: null, from: null };
}

function evidenceOf(
  kind: ChangeKind,
  seen: Seen,
  before: StoredState | null,
  renamed: RenamedFrom | null,
  rewritten: boolean,
): FileChange {
  const old = before?.snapshot ?? null;
  const after = seen.snapshot;
  return {
    kind: "file_change",
    change_kind: kind,
    before_hash: old?.digest ?? null,
    after_hash: after?.digest ?? null,
    size_after: after === null ? null : Number(after.size),
    evidence_quality: qualityOf({
      incomplete: after !== null && after.incomplete !== null,
      delayed: seen.found && kind !== "discovered",
      folded: rewritten || seen.bursts > 1,
    }),
    coalesced_count: seen.found ? 0 : seen.hints,
    rename_from: renamed ? displayPath(renamed.path) : null,
    mode_before: modeText(old),
    mode_after: modeText(after),
    symlink_target: after?.symlinkTarget ?? null,
    // Filled in by the flow: the answer is read from disk, and only events need it.
    git_tracked: null,
  };
}

/** Octal with its leading zero, as chmod takes it; Windows keeps no such bits. */
function modeText(snapshot: Snapshot | null): string | null {
  if (snapshot === null || process.platform === "win32") return null;
  return `0${snapshot.mode.toString(8).padStart(3, "0")}`;
}

function writeOf(
  seen: Seen,
  before: StoredState | null,
  generation: number,
  touchedAt: number,
  now: number,
): StateWrite {
  const snapshot = seen.snapshot ?? before?.snapshot;
  if (!snapshot) throw new Error("a change has a snapshot on one side");
  const removedAt = seen.snapshot === null ? now : null;
  return stateWrite(seen.path, seen.match.targetId, { generation, touchedAt, removedAt, snapshot });
}

function fromWrite(renamed: RenamedFrom, seen: Seen, now: number): StateWrite | null {
  const { snapshot, generation, touchedAt } = renamed.state;
  if (!snapshot) return null;
  const rest = { generation: generation + 1, touchedAt, removedAt: now, snapshot };
  return stateWrite(renamed.path, seen.match.targetId, rest);
}

function stateWrite(
  path: PathKey,
  targetId: string,
  rest: Pick<StateWrite, "generation" | "touchedAt" | "removedAt" | "snapshot">,
): StateWrite {
  return { path: bytesOfKey(path), parent: bytesOfKey(parentKey(path) ?? path), targetId, ...rest };
}

function keyOf(
  seen: Seen,
  generation: number,
  change: FileChange,
  context: CompareContext,
): string {
  return dedupKey(
    {
      epoch: context.epoch,
      targetId: seen.match.targetId,
      pathBytes: bytesOfKey(seen.path),
      generation,
      change,
    },
    (text) => Buffer.from(text),
    context.hasher,
  );
}
