import { writeAtomic } from "./atomic-file.ts";
import { partPath } from "./layout.ts";
import { digestFile, encodeManifest, hex, type Manifest } from "./manifest.ts";
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
  const bytes = unsealed.bytes ?? (await measure(context, unsealed));
  if (bytes === null) return null;
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
  };
  const encoded = encodeManifest(manifest, hash);
  await writeAtomic(files, partPath(dir, first, "manifest.json"), encoded);
  return hex(hash.digest(encoded));
}

/** Where the last counted line ends; null when the segment is gone. */
async function measure(context: SealContext, { first, count }: Unsealed): Promise<number | null> {
  const reader = await openSegment(context, context.dir, first, count);
  if (reader === null) return null;
  try {
    // An index that lost records says nothing of where its lines end.
    if (reader.records < count) return reader.size;
    const { cursor, size } = reader;
    await cursor.seek(count);
    if (cursor.place.offset === size) return size;
    await cursor.seek(0);
    while ((await cursor.next()) !== null);
    return cursor.place.offset;
  } finally {
    await reader.close();
  }
}
