import { Buffer } from "node:buffer";
import { join } from "node:path";
import { writeAtomic } from "./atomic-file.ts";
import type { SpoolFiles } from "./files.ts";
import { CHECKPOINT_NAME } from "./layout.ts";
import { nodeFiles } from "./node-files.ts";
import { isSequence, isSpoolId, parseObject, readSmall } from "./read-file.ts";
import { SPOOL_DEFAULTS } from "./settings.ts";

/** How far a consumer got. */
export type Checkpoint = {
  readonly schema_version: 1;
  readonly spool_id: string;
  /** Everything up to here was consumed; 0: nothing. */
  readonly sequence: number;
  /** RFC 3339. */
  readonly updated_at: string;
};

export function checkpointPath(checkpointDir: string): string {
  return join(checkpointDir, CHECKPOINT_NAME);
}

/** @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO */
export async function writeCheckpoint(
  files: SpoolFiles,
  checkpointDir: string,
  checkpoint: Checkpoint,
): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(checkpoint)}\n`);
  await writeAtomic(files, checkpointPath(checkpointDir), bytes);
}

/** What a checkpoint file is worth to someone who does not trust its writer. */
export type CheckpointClaim =
  | { readonly kind: "absent" }
  | { readonly kind: "not_regular" }
  | { readonly kind: "too_large"; readonly size: number }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "invalid" }
  | { readonly kind: "other_spool"; readonly spool_id: string }
  /** Claims what was never written: ignored. */
  | { readonly kind: "beyond"; readonly sequence: number }
  | { readonly kind: "read"; readonly checkpoint: Checkpoint };

export type ClaimLimits = {
  /** Last sequence that was written. */
  readonly lastSequence: number;
  readonly spoolId: string;
  /** Bytes; default `checkpoint_max_bytes`. */
  readonly maxBytes?: number;
  readonly files?: SpoolFiles;
};

/** Never follows a link, blocks on a pipe, reads more than `maxBytes` or throws. */
export async function readCheckpointClaim(
  path: string,
  limits: ClaimLimits,
): Promise<CheckpointClaim> {
  const most = limits.maxBytes ?? SPOOL_DEFAULTS.checkpoint_max_bytes;
  const outcome = await readSmall(limits.files ?? nodeFiles, path, most);
  if (outcome.kind !== "read") return outcome;
  const checkpoint = decode(outcome.bytes);
  if (checkpoint === null) return { kind: "invalid" };
  const { spool_id, sequence } = checkpoint;
  if (spool_id !== limits.spoolId) return { kind: "other_spool", spool_id };
  if (sequence > limits.lastSequence) return { kind: "beyond", sequence };
  return { kind: "read", checkpoint };
}

function decode(bytes: Buffer): Checkpoint | null {
  const value = parseObject(bytes);
  if (value === null || value["schema_version"] !== 1) return null;
  const { spool_id, sequence, updated_at } = value;
  if (!isSpoolId(spool_id) || !isSequence(sequence) || typeof updated_at !== "string") return null;
  return { schema_version: 1, spool_id, sequence, updated_at };
}
