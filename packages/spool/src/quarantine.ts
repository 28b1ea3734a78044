import { Buffer } from "node:buffer";
import { join } from "node:path";
import { unlinkIfThere, writeAtomic } from "./atomic-file.ts";
import { claimDirectory } from "./directory.ts";
import { coded, ioError } from "./error.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolFiles } from "./files.ts";
import { isTemp } from "./layout.ts";
import { timestamp, type SpoolClock } from "./ports.ts";
import { isSequence, parseObject, readSmall } from "./read-file.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";

const ENTRY = /^(\d{12})\.entry$/;
const HEADER_MAX_BYTES = 4096;
const REASON_MAX_CHARS = 200;
const NEWLINE = 0x0a;

export type QuarantineItem = {
  /** Null when the payload is not one line of the spool. */
  readonly sequence: number | null;
  /** Cut after 200 characters. */
  readonly reason: string;
  readonly payload: Uint8Array;
};

/** The first line of an entry's file; the payload follows it. */
export type QuarantineHeader = {
  readonly schema_version: 1;
  readonly sequence: number | null;
  readonly reason: string;
  readonly put_at: string;
  /** Length of the payload as it was handed in, and as it was kept. */
  readonly bytes: number;
  readonly kept_bytes: number;
};

export type QuarantineEntry = { readonly id: string; readonly header: QuarantineHeader };

export type PutResult = {
  readonly id: string;
  readonly kept_bytes: number;
  /** Entries that had to make room. */
  readonly evicted: number;
};

export type QuarantineStats = {
  readonly entries: number;
  readonly bytes: number;
  /** Since it was opened. */
  readonly evicted: number;
};

export type QuarantineOptions = {
  readonly dir: string;
  readonly clock: SpoolClock;
  readonly files?: SpoolFiles;
  readonly settings?: Partial<SpoolSettings>;
};

/**
 * A bounded place for what could not be delivered or kept: each entry one file, oldest out first.
 * One writer at a time: the caller holds the lock of the directory's owner.
 * @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_IO
 */
export async function openQuarantine(options: QuarantineOptions): Promise<Quarantine> {
  const files = options.files ?? nodeFiles;
  await claimDirectory(files, options.dir);
  const held = await coded(
    "cannot list the quarantine",
    async () => await measure(files, options.dir),
  );
  return new Quarantine(files, options, held);
}

type Held = { readonly ordinal: number; readonly size: number };

export class Quarantine {
  readonly #files: SpoolFiles;
  readonly #dir: string;
  readonly #clock: SpoolClock;
  readonly #settings: SpoolSettings;
  // Oldest first.
  #held: readonly Held[];
  #next: number;
  #evicted = 0;

  constructor(files: SpoolFiles, options: QuarantineOptions, held: readonly Held[]) {
    this.#files = files;
    this.#dir = options.dir;
    this.#clock = options.clock;
    this.#settings = resolveSettings(options.settings);
    this.#held = held;
    this.#next = (held.at(-1)?.ordinal ?? 0) + 1;
  }

  /** Durable when it resolves. @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO */
  async put(item: QuarantineItem): Promise<PutResult> {
    const { quarantine_entry_max_bytes, quarantine_max_bytes } = this.#settings;
    const most = Math.min(quarantine_entry_max_bytes, quarantine_max_bytes);
    const payload = item.payload.subarray(0, most);
    const bytes = Buffer.concat([this.#header(item, payload.length), payload]);
    const evicted = await this.#makeRoom(bytes.length);
    const ordinal = this.#next;
    this.#next += 1;
    await writeAtomic(this.#files, this.#path(ordinal), bytes);
    this.#held = [...this.#held, { ordinal, size: bytes.length }];
    return { id: nameOf(ordinal), kept_bytes: payload.length, evicted };
  }

  /** Oldest first; entries whose header cannot be read are left out. */
  async list(): Promise<readonly QuarantineEntry[]> {
    const entries: QuarantineEntry[] = [];
    for (const { ordinal } of this.#held) {
      const read = await this.read(nameOf(ordinal));
      if (read !== null) entries.push({ id: read.id, header: read.header });
    }
    return entries;
  }

  /** Null when there is no such entry, or it is not one. */
  async read(id: string): Promise<(QuarantineEntry & { readonly payload: Buffer }) | null> {
    if (!ENTRY.test(id)) return null;
    const most = this.#settings.quarantine_entry_max_bytes + HEADER_MAX_BYTES;
    const outcome = await readSmall(this.#files, join(this.#dir, id), most);
    if (outcome.kind !== "read") return null;
    const end = outcome.bytes.indexOf(NEWLINE);
    const header = end < 0 ? null : decodeHeader(outcome.bytes.subarray(0, end));
    return header === null ? null : { id, header, payload: outcome.bytes.subarray(end + 1) };
  }

  stats(): QuarantineStats {
    const bytes = this.#held.reduce((sum, held) => sum + held.size, 0);
    return { entries: this.#held.length, bytes, evicted: this.#evicted };
  }

  #header(item: QuarantineItem, kept: number): Buffer {
    const header: QuarantineHeader = {
      schema_version: 1,
      sequence: item.sequence,
      reason: item.reason.slice(0, REASON_MAX_CHARS),
      put_at: timestamp(this.#clock),
      bytes: item.payload.length,
      kept_bytes: kept,
    };
    return Buffer.from(`${JSON.stringify(header)}\n`);
  }

  async #makeRoom(bytes: number): Promise<number> {
    let evicted = 0;
    while (this.#held.length > 0 && !this.#fits(bytes)) {
      const [oldest, ...rest] = this.#held;
      if (oldest !== undefined) await this.#drop(oldest);
      this.#held = rest;
      evicted += 1;
    }
    this.#evicted += evicted;
    return evicted;
  }

  #fits(bytes: number): boolean {
    const { quarantine_max_bytes, quarantine_max_entries } = this.#settings;
    const { entries, bytes: held } = this.stats();
    return entries < quarantine_max_entries && held + bytes <= quarantine_max_bytes;
  }

  async #drop(held: Held): Promise<void> {
    try {
      await unlinkIfThere(this.#files, this.#path(held.ordinal));
    } catch (error) {
      throw ioError(error, "cannot remove a quarantine entry");
    }
  }

  #path(ordinal: number): string {
    return join(this.#dir, nameOf(ordinal));
  }
}

function nameOf(ordinal: number): string {
  return `${String(ordinal).padStart(12, "0")}.entry`;
}

async function measure(files: SpoolFiles, dir: string): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const name of await files.readdir(dir)) {
    if (isTemp(name)) await unlinkIfThere(files, join(dir, name));
    const match = ENTRY.exec(name);
    if (match === null) continue;
    const facts = await files.lstat(join(dir, name));
    if (facts?.kind === "file") held.push({ ordinal: Number(match[1]), size: facts.size });
  }
  return held.toSorted((a, b) => a.ordinal - b.ordinal);
}

function decodeHeader(bytes: Buffer): QuarantineHeader | null {
  const value = parseObject(bytes);
  if (value === null || value["schema_version"] !== 1) return null;
  const { sequence, reason, put_at, bytes: given, kept_bytes } = value;
  if (sequence !== null && !isSequence(sequence)) return null;
  if (typeof reason !== "string" || typeof put_at !== "string") return null;
  if (!isSequence(given) || !isSequence(kept_bytes)) return null;
  return { schema_version: 1, sequence, reason, put_at, bytes: given, kept_bytes };
}
