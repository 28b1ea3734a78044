import { Buffer } from "node:buffer";
import { join } from "node:path";
import { keepAside, moveAside } from "./aside.ts";
import { writeAtomic } from "./atomic-file.ts";
import { keep, keepTail, type KeepContext } from "./keep.ts";
import { partPath, stemOf } from "./layout.ts";
import { digestFile, readManifest, type Manifest } from "./manifest.ts";
import { readSmall } from "./read-file.ts";
import { covers } from "./ranges.ts";
import { openSegment, type SegmentReader } from "./reader.ts";
import { RECORD_BYTES, writeRecord } from "./record.ts";
import { LINE_CAP_BYTES } from "./settings.ts";

export type RepairAction = {
  readonly kind:
    | "moved_aside"
    | "manifest_quarantined"
    | "manifest_written"
    | "index_rebuilt"
    | "tail_cut"
    | "lines_unproven";
  /** Stem of the segment, or null. */
  readonly segment: string | null;
  readonly detail: string;
};

const MANIFEST_KEEP_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const READ_BYTES = 1024 * 1024;

/** Puts a manifest that cannot be read into quarantine, so that a new one can be written. */
export async function repairManifest(
  context: KeepContext,
  first: number,
): Promise<readonly RepairAction[]> {
  const { files, dir, hash } = context;
  const outcome = await readManifest(files, dir, hash, first);
  if (outcome.kind !== "invalid") return [];
  const path = partPath(dir, first, "manifest.json");
  const bytes = await readSmall(files, path, MANIFEST_KEEP_BYTES);
  const segment = stemOf(first);
  // What cannot be read, or is immense, is kept as it is.
  if (bytes.kind !== "read") {
    const detail = await moveAside(context, `${segment}.manifest.json`);
    return [{ kind: "manifest_quarantined", segment, detail }];
  }
  const reason = `invalid manifest of ${segment}`;
  const { id } = await keep(context, { sequence: null, reason, payload: bytes.bytes });
  await files.unlink(path);
  await files.syncDir(dir);
  return [{ kind: "manifest_quarantined", segment, detail: id }];
}

/** A closed segment: its index is rebuilt where the manifest proves the lines, its tail cut. */
export async function repairSegment(
  context: KeepContext,
  first: number,
): Promise<readonly RepairAction[]> {
  const { files, dir, hash } = context;
  const reader = await openSegment(context, dir, first);
  if (reader === null) return [];
  try {
    const outcome = await readManifest(files, dir, hash, first);
    if (outcome.kind !== "read") return [];
    const { manifest } = outcome;
    const actions = [...(await cutTail(context, reader, manifest))];
    if (await isIndexSound(context, reader, manifest)) return actions;
    return [...actions, await rebuildIndex(context, manifest)];
  } finally {
    await reader.close();
  }
}

async function cutTail(
  context: KeepContext,
  reader: SegmentReader,
  { first_sequence: first, bytes }: Manifest,
): Promise<readonly RepairAction[]> {
  if (reader.size <= bytes || !(await keepTail(context, reader, bytes))) return [];
  const handle = await context.files.openWrite(partPath(context.dir, first, "jsonl"));
  try {
    await handle.truncate(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  const detail = `${reader.size - bytes} bytes after the last line`;
  return [{ kind: "tail_cut", segment: stemOf(first), detail }];
}

async function isIndexSound(
  { files, dir }: KeepContext,
  reader: SegmentReader,
  { first_sequence: first, count, unproven = [] }: Manifest,
): Promise<boolean> {
  const facts = await files.lstat(partPath(dir, first, "idx"));
  if (facts?.size !== count * RECORD_BYTES) return false;
  for (let item = await reader.cursor.next(); item !== null; item = await reader.cursor.next()) {
    // What the manifest does not vouch for is lost for good.
    if (item.kind === "lost" && covers(unproven, first + item.ordinal)) continue;
    if (item.kind === "lost" || item.damage !== null) return false;
  }
  return true;
}

async function rebuildIndex(context: KeepContext, manifest: Manifest): Promise<RepairAction> {
  const { files, dir, hash } = context;
  const { first_sequence: first, bytes, blake3, count } = manifest;
  const segment = stemOf(first);
  const path = partPath(dir, first, "jsonl");
  // Without this proof a new index would vouch for lines that were tampered with.
  const isProven = (await digestFile(files, path, hash, bytes)) === blake3;
  const index = isProven ? await indexOf(context, manifest) : null;
  if (index === null || index.length !== count * RECORD_BYTES) {
    return { kind: "lines_unproven", segment, detail: "the manifest does not match the lines" };
  }
  const idx = `${segment}.idx`;
  if ((await files.lstat(join(dir, idx))) !== null) await keepAside(context, idx);
  await writeAtomic(files, join(dir, idx), index);
  return { kind: "index_rebuilt", segment, detail: `${count} lines` };
}

/** Null when the bytes are not lines. Memory: the index, one read, one line. */
async function indexOf(context: KeepContext, manifest: Manifest): Promise<Buffer | null> {
  const { first_sequence: first, bytes, unproven = [] } = manifest;
  const handle = await context.files.openRead(partPath(context.dir, first, "jsonl"));
  try {
    const records: Buffer[] = [];
    let rest = Buffer.alloc(0);
    for (let at = 0; at < bytes;) {
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - at));
      const got = await handle.read(chunk, at);
      if (got === 0 || rest.length > LINE_CAP_BYTES) return null;
      at += got;
      rest = takeLines(Buffer.concat([rest, chunk.subarray(0, got)]), (line) => {
        const isProven = !covers(unproven, first + records.length);
        records.push(recordOf(line.length, context.hash.digest(line), isProven));
      });
    }
    return rest.length === 0 ? Buffer.concat(records) : null;
  } finally {
    await handle.close();
  }
}

function takeLines(bytes: Buffer, take: (line: Buffer) => void): Buffer<ArrayBuffer> {
  let from = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    take(bytes.subarray(from, end));
    from = end + 1;
  }
  return Buffer.from(bytes.subarray(from));
}

/** The record of a line that nothing proves has its length, so that the next is found, and a digest no line has. */
function recordOf(length: number, digest: Uint8Array, isProven: boolean): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  writeRecord(record, 0, length, isProven ? digest : digest.map((byte) => byte ^ 0xff));
  return record;
}
