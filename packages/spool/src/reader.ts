import { errnoOf } from "@sigil/core/plain";
import { SegmentCursor } from "./cursor.ts";
import { ioError, quietly, spoolError } from "./error.ts";
import type { SpoolFiles, SpoolHandle } from "./files.ts";
import { partPath, stemOf } from "./layout.ts";
import type { SpoolHash } from "./ports.ts";
import { RECORD_BYTES } from "./record.ts";
import { Window } from "./window.ts";

/** A segment open for reading, as long as it was when it was opened. */
export type SegmentReader = {
  readonly first: number;
  readonly cursor: SegmentCursor;
  /** Bytes of lines. */
  readonly size: number;
  /** Whole records in the index that may have lines; 0 when there is no index. */
  readonly records: number;
  readonly hasIndex: boolean;
  readonly close: () => Promise<void>;
};

export type ReaderPorts = { readonly files: SpoolFiles; readonly hash: SpoolHash };

/**
 * Null when the segment is not there (evicted). Reads at most `count` lines.
 * @throws SIGIL_SPOOL_CORRUPT for anything but regular files, SIGIL_SPOOL_IO
 */
export async function openSegment(
  { files, hash }: ReaderPorts,
  dir: string,
  first: number,
  count: number = Number.MAX_SAFE_INTEGER,
): Promise<SegmentReader | null> {
  // Index first: the producer writes lines before records, so every record seen here has its line.
  const index = await openPart(files, partPath(dir, first, "idx"), first);
  try {
    const indexSize = index === null ? 0 : await regularSize(index, first);
    const data = await openPart(files, partPath(dir, first, "jsonl"), first);
    if (data === null) {
      await closeAll([index]);
      return null;
    }
    return await readerOf({ first, hash, count, index, indexSize, data });
  } catch (error) {
    await closeAll([index]);
    throw error;
  }
}

type Opened = {
  readonly first: number;
  readonly hash: SpoolHash;
  readonly count: number;
  readonly index: SpoolHandle | null;
  readonly indexSize: number;
  readonly data: SpoolHandle;
};

async function readerOf(opened: Opened): Promise<SegmentReader> {
  const { first, hash, count, index, indexSize, data } = opened;
  try {
    const size = await regularSize(data, first);
    const lines = new Window(data, size);
    const records = new Window(index ?? data, indexSize);
    // A line and its newline are two bytes at least: an immense index over few lines costs nothing.
    const possible = Math.min(Math.floor(indexSize / RECORD_BYTES), Math.ceil(size / 2));
    return {
      first,
      cursor: new SegmentCursor(lines, records, hash, Math.min(count, possible)),
      size,
      records: possible,
      hasIndex: index !== null,
      close: async () => await closeAll([index, data]),
    };
  } catch (error) {
    await closeAll([data]);
    throw error;
  }
}

async function openPart(
  files: SpoolFiles,
  path: string,
  first: number,
): Promise<SpoolHandle | null> {
  try {
    return await files.openRead(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT") return null;
    if (errno === "ELOOP" || errno === "EMLINK" || errno === "ENXIO") throw notRegular(first);
    throw ioError(error, `cannot open segment ${stemOf(first)}`, { segment: stemOf(first) });
  }
}

async function regularSize(handle: SpoolHandle, first: number): Promise<number> {
  const facts = await handle.stat();
  if (facts.kind !== "file") throw notRegular(first);
  return facts.size;
}

function notRegular(first: number) {
  const message = `segment ${stemOf(first)} is a link or not a regular file`;
  return spoolError("SIGIL_SPOOL_CORRUPT", message, { context: { segment: stemOf(first) } });
}

async function closeAll(handles: readonly (SpoolHandle | null)[]): Promise<void> {
  for (const handle of handles) await quietly(async () => await handle?.close());
}
