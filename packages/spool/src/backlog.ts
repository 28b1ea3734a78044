import type { Buffer } from "node:buffer";
import { checkpointPath, readCheckpointClaim } from "./checkpoint.ts";
import { coded } from "./error.ts";
import { lastWritten, readable, requireIdentity } from "./extent.ts";
import { listSpool, partPath, segmentsOf } from "./layout.ts";
import type { ReaderPorts } from "./reader.ts";
import { readRecord, RECORD_BYTES } from "./record.ts";
import { scan } from "./scan.ts";
import { Window } from "./window.ts";

/** What a consumer has before it. */
export type Backlog = {
  /** Sequences after the checkpoint, gaps too. */
  readonly events: number;
  /** Of their lines with newlines; lines that are gone do not count. */
  readonly bytes: number;
  /** The first line after the checkpoint, without its newline; null when there is none. */
  readonly oldest: Buffer | null;
};

/**
 * Measures what lies after `acked` up to `limit`, the last sequence that may be read.
 * @throws SIGIL_SPOOL_IO
 */
export async function measureBacklog(
  ports: ReaderPorts,
  dir: string,
  { acked, limit }: { readonly acked: number; readonly limit: number },
): Promise<Backlog> {
  const events = Math.max(0, limit - acked);
  if (events === 0) return { events, bytes: 0, oldest: null };
  return await coded("cannot measure the spool", async () => ({
    events,
    bytes: await bytesAfter(ports, dir, acked),
    oldest: await oldestAfter(ports, dir, { acked, limit }),
  }));
}

/**
 * What a consumer has before it, as one who does not hold its lock sees it: for a status.
 * @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_CORRUPT, SIGIL_SPOOL_IO
 */
export async function readBacklog(
  ports: ReaderPorts,
  { dir, checkpointDir }: { readonly dir: string; readonly checkpointDir: string },
): Promise<Backlog> {
  return await coded("cannot measure the spool", async () => {
    const spoolId = await requireIdentity(ports, dir);
    const lastSequence = await lastWritten(ports, dir, spoolId);
    const at = checkpointPath(checkpointDir);
    const claim = await readCheckpointClaim(at, { lastSequence, spoolId, files: ports.files });
    const acked = claim.kind === "read" ? claim.checkpoint.sequence : 0;
    return await measureBacklog(ports, dir, { acked, limit: await readable(ports, dir, spoolId) });
  });
}

async function bytesAfter(ports: ReaderPorts, dir: string, acked: number): Promise<number> {
  const segments = segmentsOf(await listSpool(ports.files, dir));
  const partial = segments.findLast(({ first }) => first <= acked);
  let bytes = 0;
  for (const { first } of segments) {
    if (first <= acked) continue;
    const facts = await ports.files.lstat(partPath(dir, first, "jsonl"));
    bytes += facts?.size ?? 0;
  }
  return partial === undefined ? bytes : bytes + (await restOf(ports, dir, partial.first, acked));
}

/** Bytes of a segment after a sequence in it, by its index. */
async function restOf(
  { files }: ReaderPorts,
  dir: string,
  first: number,
  acked: number,
): Promise<number> {
  const facts = await files.lstat(partPath(dir, first, "jsonl"));
  const index = await files.lstat(partPath(dir, first, "idx"));
  if (facts === null || index === null) return facts?.size ?? 0;
  const handle = await files.openRead(partPath(dir, first, "idx"));
  try {
    const records = new Window(handle, index.size);
    const known = Math.min(acked - first + 1, Math.floor(index.size / RECORD_BYTES));
    let before = 0;
    for (let at = 0; at < known; at += 1) {
      const place = at * RECORD_BYTES;
      const record = records.peek(place, RECORD_BYTES) ?? (await records.view(place, RECORD_BYTES));
      before += readRecord(record).length + 1;
    }
    return Math.max(0, facts.size - before);
  } finally {
    await handle.close();
  }
}

async function oldestAfter(
  ports: ReaderPorts,
  dir: string,
  { acked, limit }: { readonly acked: number; readonly limit: number },
): Promise<Buffer | null> {
  for await (const item of scan(ports, dir, { from: acked + 1, to: limit }))
    if (item.kind === "line") return item.bytes;
  return null;
}
