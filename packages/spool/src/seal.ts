import { writeAtomic } from "./atomic-file.ts";
import { partPath } from "./layout.ts";
import { digestFile, encodeManifest, hex, UNPROVEN_MAX, type Manifest } from "./manifest.ts";
import { extend, joined, type Range } from "./ranges.ts";
import { openSegment, type ReaderPorts } from "./reader.ts";

/** A closed segment that has no manifest yet. */
export type Unsealed = {
  readonly first: number;
  readonly count: number;
  /** Null when they have to be read back. */
  readonly bytes: number | null;
  readonly digest: string | null;
};

export type SealContext = ReaderPorts & {
  readonly dir: string;
  readonly spoolId: string;
  readonly closedAt: string;
  /** Digest of the newest manifest. */
  readonly head: string | null;
};

/**
 * Writes the manifest of one closed segment in bounded memory and returns the new chain head, or
 * null when the segment is gone. Call it oldest first.
 * @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO, SIGIL_SPOOL_CORRUPT
 */
export async function seal(context: SealContext, unsealed: Unsealed): Promise<string | null> {
  const { files, hash, dir } = context;
  const { first, count } = unsealed;
  const walked = await walk(context, unsealed);
  if (walked === null) return null;
  const { bytes, unproven } = walked;
  const path = partPath(dir, first, "jsonl");
  const digest = unsealed.digest ?? (await digestFile(files, path, hash, bytes));
  if (digest === null) return null;
  const manifest: Manifest = {
    schema_version: 1,
    spool_id: context.spoolId,
    first_sequence: first,
    last_sequence: first + count - 1,
    count,
    bytes,
    blake3: digest,
    previous_manifest_digest: context.head,
    closed_at: context.closedAt,
    ...(unproven.length === 0 ? {} : { unproven: joined(unproven, UNPROVEN_MAX) }),
  };
  const encoded = encodeManifest(manifest, hash);
  await writeAtomic(files, partPath(dir, first, "manifest.json"), encoded);
  return hex(hash.digest(encoded));
}

type Walked = { readonly bytes: number; readonly unproven: readonly Range[] };

/** Where the last counted line ends, and the lines that are not as they were written; null when the segment is gone. */
async function walk(context: SealContext, unsealed: Unsealed): Promise<Walked | null> {
  const { first, count, bytes, digest } = unsealed;
  // Digested as it was written: whatever happens to the file, the digest says what the lines were.
  if (digest !== null && bytes !== null) return { bytes, unproven: [] };
  const reader = await openSegment(context, context.dir, first, count);
  if (reader === null) return null;
  try {
    const { cursor, size, records } = reader;
    const unproven: Range[] = [];
    for (let item = await cursor.next(); item !== null; item = await cursor.next())
      if (item.kind === "lost") extend(unproven, first + item.ordinal);
    const from = first + cursor.place.ordinal;
    if (from < first + count) unproven.push({ from, to: first + count - 1 });
    // An index that lost records says nothing of where its lines end.
    const end = records < count ? size : cursor.place.offset;
    return { bytes: bytes ?? end, unproven };
  } finally {
    await reader.close();
  }
}
