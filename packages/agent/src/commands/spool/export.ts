import { EXIT, countText, onInterrupt, startProgress, usageError } from "@sigil/cli";
import { once } from "node:events";
import { open, unlink } from "node:fs/promises";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { exportSpool, type Gap } from "@sigil/spool";
import { loadHasher } from "@sigil/ports/hash";
import { note, type CommandContext } from "../context.ts";

export interface ExportFlags {
  readonly from?: number;
  readonly to?: number;
  readonly output?: string;
}

/** Where the lines go. */
interface Target {
  write(text: Buffer): Promise<void>;
  close(): Promise<void>;
  /** Takes back what was begun. */
  drop(): Promise<void>;
}

const NEWLINE = Buffer.from("\n");
/** Lines are written in pieces of about this size. Bytes. */
const PIECE_BYTES = 64 * 1024;
const FILE_MODE = 0o640;

/** `sigil spool export`. @throws SIGIL_SPOOL_*, SIGIL_USAGE_INVALID */
export async function exportEvents(
  { config }: CommandContext,
  flags: ExportFlags,
): Promise<number> {
  if (flags.from !== undefined && flags.to !== undefined && flags.from > flags.to)
    throw usageError(`--from ${flags.from} is after --to ${flags.to}`, {
      hint: "give the lower sequence with --from",
    });
  const target = flags.output === undefined ? toStdout() : await toFile(flags.output);
  const interrupt = onInterrupt();
  try {
    const lines = await copy(config.paths.spool, flags, target, interrupt.signal);
    if (interrupt.signal.aborted) await target.drop();
    else {
      await target.close();
      if (flags.output !== undefined) note(`${countText(lines, "event")} in ${flags.output}`);
    }
  } catch (error) {
    await target.drop();
    throw error;
  }
  return interrupt.codeOr(EXIT.ok);
}

async function copy(
  dir: string,
  { from, to }: ExportFlags,
  target: Target,
  signal: AbortSignal,
): Promise<number> {
  const progress = startProgress((lines) => `${lines} events`);
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  let lines = 0;
  let piece: Buffer[] = [];
  let size = 0;
  const flush = async () => {
    await target.write(Buffer.concat(piece));
    piece = [];
    size = 0;
  };
  try {
    for await (const { bytes } of exportSpool({
      dir,
      hash: loadHasher(),
      ...range,
      onGap: tellGap,
    })) {
      if (signal.aborted) break;
      piece.push(bytes, NEWLINE);
      size += bytes.length + 1;
      lines += 1;
      progress.add(1);
      if (size >= PIECE_BYTES) await flush();
    }
    await flush();
    return lines;
  } finally {
    progress.end();
  }
}

function tellGap({ from, to, reason }: Gap): void {
  const which = from === to ? `sequence ${from} is` : `sequences ${from} to ${to} are`;
  note(`${which} not there (${reason})`);
}

function toStdout(): Target {
  return {
    async write(text) {
      if (text.length > 0 && !process.stdout.write(text)) await once(process.stdout, "drain");
    },
    close: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  };
}

/** A new file, never one that is there: not through a link, not over somebody's data. */
async function toFile(path: string): Promise<Target> {
  const handle = await open(path, "wx", FILE_MODE).catch((error: unknown) => {
    const there = errnoOf(error) === "EEXIST";
    throw usageError(
      there ? `${path} is there already` : `cannot create ${path}: ${messageOf(error)}`,
      { cause: error, hint: "name a new file in a directory that can be written" },
    );
  });
  return {
    write: async (text) => {
      await handle.writeFile(text);
    },
    async close() {
      await handle.sync();
      await handle.close();
    },
    async drop() {
      await handle.close().catch(() => undefined);
      await unlink(path).catch(() => undefined);
    },
  };
}
