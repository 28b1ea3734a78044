import { Buffer } from "node:buffer";
import { join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { quietly } from "./error.ts";
import type { SpoolFiles, SpoolHandle } from "./files.ts";
import { MARK_NAME, MAX_SEQUENCE } from "./layout.ts";
import type { SpoolHash } from "./ports.ts";
import { readSmall } from "./read-file.ts";

/** u64 LE sequence, then 8 bytes of the digest over (spool id, those 8 bytes). */
const MARK_BYTES = 16;
const CHECK_AT = 8;

/**
 * The last acknowledged sequence, written in place after each commit and synced only at open. It is never
 * ahead of the truth, so a consumer that stays at or below it cannot see a line that a power cut or
 * a failed commit takes back; behind the truth (after a power cut) it only delays.
 */
function encodeMark(hash: SpoolHash, spoolId: string, sequence: number): Buffer {
  const mark = Buffer.alloc(MARK_BYTES);
  mark.writeBigUInt64LE(BigInt(sequence), 0);
  mark.set(checkOf(hash, spoolId, mark.subarray(0, CHECK_AT)), CHECK_AT);
  return mark;
}

/** Null when the bytes are not a mark of this spool. */
function decodeMark(hash: SpoolHash, spoolId: string, bytes: Buffer): number | null {
  if (bytes.length !== MARK_BYTES) return null;
  const check = checkOf(hash, spoolId, bytes.subarray(0, CHECK_AT));
  if (!bytes.subarray(CHECK_AT).equals(check)) return null;
  const sequence = Number(bytes.readBigUInt64LE(0));
  return sequence <= MAX_SEQUENCE ? sequence : null;
}

function checkOf(hash: SpoolHash, spoolId: string, sequence: Uint8Array): Uint8Array {
  const digest = hash.digest(Buffer.concat([Buffer.from(spoolId, "latin1"), sequence]));
  return digest.subarray(0, MARK_BYTES - CHECK_AT);
}

/** Null when there is no mark of this spool. */
export async function readMark(
  files: SpoolFiles,
  dir: string,
  hash: SpoolHash,
  spoolId: string,
): Promise<number | null> {
  const outcome = await readSmall(files, join(dir, MARK_NAME), MARK_BYTES);
  return outcome.kind === "read" ? decodeMark(hash, spoolId, outcome.bytes) : null;
}

/** The producer's handle on the mark. */
export interface MarkWriter {
  publish(sequence: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the mark, making it if it is not there, and makes `sequence` durable in it: after a power
 * cut the mark is at least this, so recovery knows where unacknowledged lines may begin. The file
 * never grows again, so later writes need no room.
 */
export async function openMark(
  files: SpoolFiles,
  dir: string,
  hash: SpoolHash,
  spoolId: string,
  sequence: number,
): Promise<MarkWriter> {
  const path = join(dir, MARK_NAME);
  const existing = await openExisting(files, path);
  const handle = existing ?? (await files.create(path));
  const publish = async (last: number) => {
    await handle.write(encodeMark(hash, spoolId, last), 0);
  };
  try {
    await publish(sequence);
    await handle.datasync();
    if (existing === null) await files.syncDir(dir);
  } catch (error) {
    await quietly(async () => await handle.close());
    throw error;
  }
  return { publish, close: async () => await handle.close() };
}

async function openExisting(files: SpoolFiles, path: string): Promise<SpoolHandle | null> {
  let handle: SpoolHandle;
  try {
    handle = await files.openWrite(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
  try {
    // Bytes past the mark would make every reader refuse it.
    if ((await handle.stat()).size > MARK_BYTES) await handle.truncate(MARK_BYTES);
    return handle;
  } catch (error) {
    await quietly(async () => await handle.close());
    throw error;
  }
}
