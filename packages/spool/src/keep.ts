import { Buffer } from "node:buffer";
import { join } from "node:path";
import { quietly } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import { partPath, QUARANTINE_NAME, stemOf } from "./layout.ts";
import type { SpoolClock, SpoolHash } from "./ports.ts";
import { openQuarantine, type PutResult, type QuarantineItem } from "./quarantine.ts";
import type { SegmentReader } from "./reader.ts";
import type { OnReport } from "./report.ts";
import type { SpoolSettings } from "./settings.ts";

/** What recovery and repair work with. */
export type KeepContext = {
  readonly files: SpoolFiles;
  readonly hash: SpoolHash;
  readonly clock: SpoolClock;
  readonly dir: string;
  readonly settings: SpoolSettings;
  readonly report: OnReport;
};

/** Puts something into the spool's own quarantine. @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO */
export async function keep(context: KeepContext, item: QuarantineItem): Promise<PutResult> {
  const { files, clock, settings, dir } = context;
  const quarantine = await openQuarantine({
    dir: join(dir, QUARANTINE_NAME),
    clock,
    files,
    settings,
  });
  return await quarantine.put(item);
}

/** Puts a segment's bytes from `from` on into quarantine; false when that failed (a full disk). */
export async function keepTail(
  context: KeepContext,
  { first, size }: SegmentReader,
  from: number,
): Promise<boolean> {
  const segment = stemOf(first);
  const payload = await readRange(context, first, from, size);
  let put: PutResult | null = null;
  const reason = `torn_tail of ${segment}.jsonl at byte ${from}`;
  const kept = await quietly(async () => {
    put = await keep(context, { sequence: null, reason, payload });
  });
  const result = put as PutResult | null;
  context.report({
    kind: "torn_tail",
    segment,
    bytes: size - from,
    kept_bytes: result?.kept_bytes ?? 0,
    quarantine_id: result?.id ?? null,
  });
  return kept;
}

async function readRange(
  { files, dir, settings }: KeepContext,
  first: number,
  from: number,
  to: number,
): Promise<Buffer> {
  const handle = await files.openRead(partPath(dir, first, "jsonl"));
  try {
    const buffer = Buffer.alloc(Math.min(to - from, settings.quarantine_entry_max_bytes));
    return buffer.subarray(0, await handle.read(buffer, from));
  } finally {
    await handle.close();
  }
}
