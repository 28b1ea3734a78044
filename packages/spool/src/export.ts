import type { Buffer } from "node:buffer";
import { checkDirectory } from "./directory.ts";
import { coded } from "./error.ts";
import { lastWritten, requireIdentity } from "./extent.ts";
import type { SpoolFiles } from "./files.ts";
import { FIRST_SEQUENCE, listSpool, segmentsOf } from "./layout.ts";
import { readMark } from "./mark.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolHash } from "./ports.ts";
import type { ReaderPorts } from "./reader.ts";
import { scan, type Gap } from "./scan.ts";

export type ExportOptions = {
  readonly dir: string;
  readonly hash: SpoolHash;
  /** First and last sequence wanted; default: all there are. */
  readonly from?: number;
  readonly to?: number;
  readonly files?: SpoolFiles;
  /** Told of every line in the range that cannot be given. */
  readonly onGap?: (gap: Gap) => void;
};

export type ExportedLine = {
  readonly sequence: number;
  /** Without the newline. */
  readonly bytes: Buffer;
};

/**
 * Proven lines in order, in bounded memory, as they are on disk when they are reached. Takes no
 * lock and leaves no trace. May include the last lines before they are acknowledged.
 * @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_OWNER, SIGIL_SPOOL_CORRUPT, SIGIL_SPOOL_IO
 */
export async function* exportSpool(
  options: ExportOptions,
): AsyncGenerator<ExportedLine, void, undefined> {
  const ports = { files: options.files ?? nodeFiles, hash: options.hash };
  const extent = await coded("cannot read the spool", async () => {
    return await extentOf(ports, options.dir);
  });
  const from = Math.max(options.from ?? extent.first, FIRST_SEQUENCE);
  const to = Math.min(options.to ?? extent.last, extent.last);
  for await (const item of scan(ports, options.dir, { from, to })) {
    if (item.kind === "line") yield { sequence: item.sequence, bytes: item.bytes };
    // What was never acknowledged is no loss.
    else if (item.gap.from <= extent.acknowledged) options.onGap?.(item.gap);
  }
}

export type TailOptions = Pick<ExportOptions, "hash" | "files" | "onGap">;

/**
 * The last `count` sequences; fewer lines where some are lost. Reads the index to find where they
 * start and the lines themselves, nothing else.
 * @throws as `exportSpool`
 */
export async function tailSpool(
  dir: string,
  count: number,
  options: TailOptions,
): Promise<readonly ExportedLine[]> {
  const ports = { files: options.files ?? nodeFiles, hash: options.hash };
  const extent = await coded("cannot read the spool", async () => await extentOf(ports, dir));
  const from = Math.max(extent.first, extent.last - Math.max(0, Math.floor(count)) + 1);
  const lines: ExportedLine[] = [];
  for await (const item of scan(ports, dir, { from, to: extent.last })) {
    if (item.kind === "line") lines.push({ sequence: item.sequence, bytes: item.bytes });
    else if (item.gap.from <= extent.acknowledged) options.onGap?.(item.gap);
  }
  return lines;
}

type Extent = { readonly first: number; readonly last: number; readonly acknowledged: number };

async function extentOf(ports: ReaderPorts, dir: string): Promise<Extent> {
  await checkDirectory(ports.files, dir);
  const spoolId = await requireIdentity(ports, dir);
  const last = await lastWritten(ports, dir, spoolId);
  const mark = await readMark(ports.files, dir, ports.hash, spoolId);
  const oldest = segmentsOf(await listSpool(ports.files, dir))[0];
  return { first: oldest?.first ?? last + 1, last, acknowledged: mark ?? last };
}
