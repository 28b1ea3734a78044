import { once } from "node:events";
import { open, unlink, type FileHandle } from "node:fs/promises";
import {
  alignColumns,
  bytesText,
  countText,
  EXIT,
  print,
  printable,
  printJson,
  usageError,
} from "@sigil/cli";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { loadSenderConfig, type SenderConfig } from "../config.ts";
import { listRefused, readRefused, type RefusedEntry, type RefusedPayload } from "../refused.ts";
import type { CommandContext } from "./context.ts";

export type ListFlags = { readonly json?: boolean };
export type ShowFlags = { readonly json?: boolean };
export type ExportFlags = { readonly output?: string };

const FILE_MODE = 0o640;

/** `sigil-sender quarantine list`. @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_IO */
export async function list({ request }: CommandContext, flags: ListFlags): Promise<number> {
  const entries = await listRefused(loadSenderConfig(request));
  if (flags.json) printJson(entries.map(({ id, stream, header }) => ({ id, stream, ...header })));
  else for (const line of table(entries)) print(line);
  return EXIT.ok;
}

function table(entries: readonly RefusedEntry[]): string[] {
  if (entries.length === 0) return ["nothing was refused"];
  const rows = entries.map(({ id, header }) => [
    id,
    header.put_at,
    header.sequence === null ? "-" : `sequence ${header.sequence}`,
    bytesText(header.bytes),
    printable(header.reason),
  ]);
  return alignColumns(rows);
}

/** `sigil-sender quarantine show`. @throws SIGIL_SENDER_QUARANTINE_ENTRY */
export async function show(
  { request }: CommandContext,
  id: string,
  flags: ShowFlags,
): Promise<number> {
  const entry = await readRefused(loadSenderConfig(request), id);
  const { header } = entry;
  if (flags.json) {
    printJson({ id, stream: entry.stream, ...header, payload: payloadOf(entry) });
    return EXIT.ok;
  }
  const rows = [
    ["refused", header.put_at],
    ["reason", printable(header.reason)],
    ["sequence", String(header.sequence ?? "-")],
    ["size", bytesText(header.bytes)],
  ];
  if (header.kept_bytes < header.bytes)
    rows.push(["kept", `the first ${bytesText(header.kept_bytes)}`]);
  for (const line of alignColumns(rows)) print(line);
  print("");
  print(printable(payloadOf(entry)));
  return EXIT.ok;
}

/** A refused line may be anything; what is not UTF-8 shows as U+FFFD. */
function payloadOf({ payload }: RefusedPayload): string {
  return payload.toString("utf8");
}

/** `sigil-sender quarantine export`: the lines as they were refused, byte for byte. */
export async function exportEntries(
  { request }: CommandContext,
  flags: ExportFlags,
): Promise<number> {
  const config = loadSenderConfig(request);
  const entries = await listRefused(config);
  if (flags.output === undefined) {
    for await (const line of lines(config, entries))
      if (!process.stdout.write(line)) await once(process.stdout, "drain");
    return EXIT.ok;
  }
  await writeNew(flags.output, lines(config, entries));
  process.stderr.write(`sigil-sender: ${countText(entries.length, "event")} in ${flags.output}\n`);
  return EXIT.ok;
}

async function* lines(
  config: SenderConfig,
  entries: readonly RefusedEntry[],
): AsyncGenerator<Buffer> {
  for (const { id } of entries)
    yield Buffer.concat([(await readRefused(config, id)).payload, Buffer.from("\n")]);
}

/** A new file, never one that is there: not through a link, not over somebody's data. */
async function writeNew(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const handle = await createNew(path);
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

async function createNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", FILE_MODE);
  } catch (error) {
    const isThere = errnoOf(error) === "EEXIST";
    const message = isThere
      ? `${path} is there already`
      : `cannot create ${path}: ${messageOf(error)}`;
    throw usageError(message, {
      cause: error,
      hint: "name a new file in a directory that can be written",
    });
  }
}
