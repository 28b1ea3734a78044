import { lstatSync } from "node:fs";
import {
  decodeEvent,
  type Digest,
  type FileChange,
  type PathKey,
  type SigilEvent,
  type Snapshot,
} from "@sigil/core/plain";
import { exportSpool, type Producer, type SpoolHash } from "@sigil/spool";
import { bytesOfKey, fsPath, keyOfBytes, parentKey } from "../fs/keys.ts";
import type { StateWrite } from "./row.ts";
import type { Store } from "./store.ts";

/** Lines read at most: a crash leaves one group behind, a power cut as much as the write-ahead log had not synced. */
const MAX_LINES = 100_000;

/**
 * Brings the state up to what the spool has said. A crash between the two leaves events without their states: a file
 * told of as created, and gone before the next start, would otherwise never be told of as removed.
 */
export async function replayTail(
  dir: string,
  producer: Pick<Producer, "spoolId" | "lastSequence">,
  store: Store,
  hash: SpoolHash,
): Promise<void> {
  const sameSpool = store.getMeta("spool_id") === producer.spoolId;
  const committed = Number(store.getMeta("committed_sequence") ?? Number.NaN);
  if (sameSpool && committed < producer.lastSequence) {
    const from = Math.max(committed + 1, producer.lastSequence - MAX_LINES);
    for await (const line of exportSpool({ dir, hash, from })) {
      const decoded = decodeEvent(line.bytes.toString("utf8"));
      if (decoded.kind === "event") store.commit(writesOf(decoded.event, store), line.sequence);
    }
  }
  if (sameSpool) return;
  // A state or a spool that is new: they count together from here on.
  store.setMeta("committed_sequence", String(producer.lastSequence));
  store.setMeta("spool_id", producer.spoolId);
}

function writesOf(event: SigilEvent, store: Store): StateWrite[] {
  const { evidence, subject, target_id: targetId } = event;
  if (evidence.kind !== "file_change" || subject.kind !== "path" || targetId === null) return [];
  const path =
    subject.raw_base64 === undefined
      ? subject.value
      : keyOfBytes(Buffer.from(subject.raw_base64, "base64"));
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
