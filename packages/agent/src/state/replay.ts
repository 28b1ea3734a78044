import { lstatSync } from "node:fs";
import {
  decodeEvent,
  errnoOf,
  type Digest,
  type FileChange,
  type PathKey,
  type SigilEvent,
  type Snapshot,
} from "@sigil/core/plain";
import { exportSpool, type Producer, type SpoolHash } from "@sigil/spool";
import { bytesOfKey, fsPath, keyOfBytes, parentKey } from "../fs/keys.ts";
import { leadsNowhere } from "../fs/nowhere.ts";
import type { StateWrite } from "./row.ts";
import type { Store } from "./store.ts";

/** Lines read at most: a crash leaves one group behind, a power cut as much as the write-ahead log had not synced. */
const MAX_LINES = 100_000;

/** A spool that the state goes with and that is not there any more: whoever removed it took its events along. */
export interface LostSpool {
  readonly spoolId: string;
  /** The last sequence the state knows of. */
  readonly last: number;
}

/**
 * Brings the state up to what the spool has said. A crash between the two leaves events without their states: a file
 * told of as created, and gone before the next start, would otherwise never be told of as removed. And the spool goes on
 * past all that the state knows it has said, whatever was removed of it.
 * @returns the spool that was there before, when this one does not have its events
 */
export async function replayTail(
  dir: string,
  producer: Pick<Producer, "spoolId" | "lastSequence" | "skipPast">,
  store: Store,
  hash: SpoolHash,
): Promise<LostSpool | null> {
  const spoolId = store.getMeta("spool_id");
  const sameSpool = spoolId === producer.spoolId;
  const committed = Number(store.getMeta("committed_sequence") ?? Number.NaN);
  if (sameSpool && committed < producer.lastSequence) {
    const from = Math.max(committed + 1, producer.lastSequence - MAX_LINES);
    for await (const line of exportSpool({ dir, hash, from })) {
      const decoded = decodeEvent(line.bytes.toString("utf8"));
      if (decoded.kind === "event") store.commit(writesOf(decoded.event, store), line.sequence);
    }
  }
  if (sameSpool) {
    // What was removed of the spool was acknowledged: whoever read it would take new events for old ones.
    if (committed > producer.lastSequence) await producer.skipPast(committed);
    return null;
  }
  const { lastSequence } = producer;
  // A state or a spool that is new: they count together from here on.
  await rememberGone(dir, producer, store, hash);
  store.setMeta("committed_sequence", String(producer.lastSequence));
  store.setMeta("spool_id", producer.spoolId);
  return spoolId !== null && lastSequence < committed ? { spoolId, last: committed } : null;
}

/**
 * A state that was lost, or begun anew, knows nothing of a file that was told of and is gone since: no sweep would find
 * it missing. What is still there is left out: it is discovered again.
 */
async function rememberGone(
  dir: string,
  producer: Pick<Producer, "lastSequence">,
  store: Store,
  hash: SpoolHash,
): Promise<void> {
  if (producer.lastSequence === 0) return;
  const there = new Map<PathKey, SigilEvent>();
  const from = Math.max(1, producer.lastSequence - MAX_LINES);
  for await (const line of exportSpool({ dir, hash, from })) {
    const decoded = decodeEvent(line.bytes.toString("utf8"));
    if (decoded.kind !== "event") continue;
    const { evidence } = decoded.event;
    const path = pathOf(decoded.event);
    if (evidence.kind !== "file_change" || path === null) continue;
    if (evidence.rename_from !== null) there.delete(evidence.rename_from);
    if (evidence.change_kind === "removed") there.delete(path);
    else there.set(path, decoded.event);
  }
  const gone = [...there].filter(([path]) => isGone(path));
  store.commit(gone.flatMap(([, event]) => writesOf(event, store)));
}

function pathOf({ subject }: SigilEvent): PathKey | null {
  if (subject.kind !== "path") return null;
  return subject.raw_base64 === undefined
    ? subject.value
    : keyOfBytes(Buffer.from(subject.raw_base64, "base64"));
}

function isGone(path: PathKey): boolean {
  try {
    lstatSync(fsPath(path));
    return false;
  } catch (error) {
    return leadsNowhere(errnoOf(error));
  }
}

function writesOf(event: SigilEvent, store: Store): StateWrite[] {
  const { evidence, target_id: targetId } = event;
  const path = pathOf(event);
  if (evidence.kind !== "file_change" || path === null || targetId === null) return [];
  const at = Date.parse(event.ts);
  const gone = evidence.change_kind === "removed";
  const writes = [
    stateAfter(path, targetId, gone ? at : null, gone ? null : snapshotOf(path, evidence), store),
  ];
  if (evidence.rename_from !== null)
    writes.push(stateAfter(evidence.rename_from, targetId, at, null, store));
  return writes.filter((write) => write !== null);
}

function stateAfter(
  path: PathKey,
  targetId: string,
  removedAt: number | null,
  snapshot: Snapshot | null,
  store: Store,
): StateWrite | null {
  const before = store.get(path);
  const known = snapshot ?? before?.snapshot;
  if (!known) return null;
  return {
    path: bytesOfKey(path),
    parent: bytesOfKey(parentKey(path) ?? path),
    targetId,
    generation: (before?.generation ?? store.generationFloor()) + 1,
    touchedAt: before?.touchedAt ?? 0,
    removedAt,
    snapshot: known,
  };
}

/** What an event says of a file. Its times are unknown, so that the next sweep looks at it again. */
function snapshotOf(path: PathKey, change: FileChange): Snapshot {
  const owner = ownerOf(path);
  return {
    type: change.symlink_target !== null && change.after_hash === null ? "symlink" : "file",
    dev: 0n,
    ino: 0n,
    size: BigInt(change.size_after ?? 0),
    mtimeNs: 0n,
    ctimeNs: 0n,
    birthtimeNs: 0n,
    mode: change.mode_after === null ? 0 : Number.parseInt(change.mode_after, 8),
    ...owner,
    digest: change.after_hash as Digest | null,
    incomplete: null,
    symlinkTarget: change.symlink_target,
  };
}

/** Events do not tell the owner: the one that is there is taken as the one that was. */
function ownerOf(path: PathKey): { uid: number; gid: number } {
  try {
    const { uid, gid } = lstatSync(fsPath(path));
    return { uid, gid };
  } catch {
    return { uid: 0, gid: 0 };
  }
}
