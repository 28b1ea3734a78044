import type { Buffer } from "node:buffer";
import { measureBacklog, type Backlog } from "./backlog.ts";
import {
  checkpointPath,
  readCheckpointClaim,
  writeCheckpoint,
  type CheckpointClaim,
} from "./checkpoint.ts";
import { checkDirectory, claimDirectory, takeLock } from "./directory.ts";
import { coded, quietly, spoolError } from "./error.ts";
import { lastWritten, readable, requireIdentity } from "./extent.ts";
import type { SpoolFiles } from "./files.ts";
import { FIRST_SEQUENCE } from "./layout.ts";
import { nodeFiles } from "./node-files.ts";
import {
  timestamp,
  type SpoolClock,
  type SpoolHash,
  type SpoolLease,
  type SpoolLock,
} from "./ports.ts";
import type { ReaderPorts } from "./reader.ts";
import { shielded, type OnReport } from "./report.ts";
import { addGap, scan, type Gap, type Spot } from "./scan.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";

export type ConsumerOptions = {
  /** The spool; only ever read. */
  readonly dir: string;
  /** The consumer's own directory: its checkpoint and its lock. */
  readonly checkpointDir: string;
  readonly hash: SpoolHash;
  readonly lock: SpoolLock;
  readonly clock: SpoolClock;
  readonly settings?: Partial<SpoolSettings>;
  readonly files?: SpoolFiles;
  readonly onReport?: OnReport;
};

export type ReadWant = { readonly maxLines?: number; readonly maxBytes?: number };

export type SpoolLine = {
  readonly sequence: number;
  /** Without the newline. */
  readonly bytes: Buffer;
};

/** Every sequence from `first` to `last` is in `lines` or in `gaps`. `last` < `first`: nothing new. */
export type ReadBatch = {
  readonly spool_id: string;
  readonly first: number;
  readonly last: number;
  readonly lines: readonly SpoolLine[];
  readonly gaps: readonly Gap[];
};

/**
 * Opens a spool to read from the checkpoint on. A checkpoint that cannot be right is reported and
 * ignored: reading starts over, which repeats lines but loses none.
 * @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_OWNER, SIGIL_SPOOL_LOCKED, SIGIL_SPOOL_CORRUPT,
 *   SIGIL_SPOOL_SETTING, SIGIL_SPOOL_IO
 */
export async function openConsumer(options: ConsumerOptions): Promise<Consumer> {
  const files = options.files ?? nodeFiles;
  const ports = { files, hash: options.hash };
  const settings = resolveSettings(options.settings);
  await checkDirectory(files, options.dir);
  await claimDirectory(files, options.checkpointDir);
  const lease = takeLock(options.lock, options.checkpointDir);
  try {
    return await coded("cannot open the spool to read", async () => {
      const spoolId = await requireIdentity(ports, options.dir);
      const acked = await startingPoint(ports, options, settings, spoolId);
      return new Consumer(ports, options, settings, lease, { spoolId, acked });
    });
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function startingPoint(
  ports: ReaderPorts,
  options: ConsumerOptions,
  settings: SpoolSettings,
  spoolId: string,
): Promise<number> {
  const claim = await readCheckpointClaim(checkpointPath(options.checkpointDir), {
    lastSequence: await lastWritten(ports, options.dir, spoolId),
    spoolId,
    maxBytes: settings.checkpoint_max_bytes,
    files: ports.files,
  });
  if (claim.kind === "read") return claim.checkpoint.sequence;
  if (claim.kind !== "absent") report(options.onReport, claim);
  return FIRST_SEQUENCE - 1;
}

function report(onReport: OnReport | undefined, claim: CheckpointClaim): void {
  const sequence = claim.kind === "beyond" ? claim.sequence : null;
  shielded(onReport)({ kind: "checkpoint_ignored", why: claim.kind, sequence });
}

type Start = { readonly spoolId: string; readonly acked: number };

/** One reader of a spool with one checkpoint. One `read` at a time. */
export class Consumer {
  readonly spoolId: string;
  readonly #ports: ReaderPorts;
  readonly #options: ConsumerOptions;
  readonly #settings: SpoolSettings;
  readonly #lease: SpoolLease;
  #acked: number;
  #position: number;
  #spot: Spot | null = null;
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    ports: ReaderPorts,
    options: ConsumerOptions,
    settings: SpoolSettings,
    lease: SpoolLease,
    { spoolId, acked }: Start,
  ) {
    this.spoolId = spoolId;
    this.#ports = ports;
    this.#options = options;
    this.#settings = settings;
    this.#lease = lease;
    this.#acked = acked;
    this.#position = acked + 1;
  }

  /** Last sequence in the checkpoint. */
  get acked(): number {
    return this.#acked;
  }

  /**
   * The next lines: only what the producer acknowledged, each proven by its digest. Goes on where
   * the last read ended; `rewind` goes back to the checkpoint.
   * @throws SIGIL_SPOOL_REPLACED, SIGIL_SPOOL_CLOSED, SIGIL_SPOOL_IO
   */
  async read(want: ReadWant = {}): Promise<ReadBatch> {
    this.#checkOpen();
    const limit = await coded("cannot read the spool", async () => await this.#limit());
    const first = this.#position;
    const batch = await this.#collect(limit, {
      maxLines: want.maxLines ?? this.#settings.read_max_lines,
      maxBytes: want.maxBytes ?? this.#settings.read_max_bytes,
    });
    return { spool_id: this.spoolId, first, last: this.#position - 1, ...batch };
  }

  /** How many readable sequences are not in the checkpoint yet; counts gaps too. */
  async lag(): Promise<number> {
    const limit = await coded("cannot read the spool", async () => await this.#limit());
    return Math.max(0, limit - this.#acked);
  }

  /** What is not in the checkpoint yet. @throws SIGIL_SPOOL_REPLACED, SIGIL_SPOOL_IO */
  async backlog(): Promise<Backlog> {
    const limit = await coded("cannot read the spool", async () => await this.#limit());
    return await measureBacklog(this.#ports, this.#options.dir, { acked: this.#acked, limit });
  }

  /**
   * Makes it durable that everything up to `sequence` was consumed.
   * @throws SIGIL_SPOOL_ACK_RANGE, SIGIL_SPOOL_CLOSED, SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO
   */
  async ack(sequence: number): Promise<void> {
    this.#checkOpen();
    const result = this.#writing.then(async () => await this.#write(sequence));
    this.#writing = quietly(async () => await result);
    await result;
  }

  /** Reads again from the checkpoint on. */
  rewind(): void {
    this.#position = this.#acked + 1;
    this.#spot = null;
  }

  /**
   * Takes back acknowledgements after `sequence`, durably: whoever had them lost them. Reading goes
   * on after it; what retention has evicted meanwhile comes as a gap.
   * @throws SIGIL_SPOOL_ACK_RANGE, SIGIL_SPOOL_CLOSED, SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO
   */
  async reset(sequence: number): Promise<void> {
    this.#checkOpen();
    const result = this.#writing.then(async () => await this.#stepBack(sequence));
    this.#writing = quietly(async () => await result);
    await result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    this.#lease.release();
  }

  async #collect(limit: number, want: Required<ReadWant>) {
    const lines: SpoolLine[] = [];
    const gaps: Gap[] = [];
    let steps = 0;
    let bytes = 0;
    const span = { from: this.#position, to: limit };
    for await (const item of scan(this.#ports, this.#options.dir, span, this.#spot)) {
      if (steps >= want.maxLines) break;
      steps += 1;
      if (item.kind === "gap") {
        addGap(gaps, item.gap);
        this.#position = item.gap.to + 1;
      } else {
        bytes += item.bytes.length;
        if (lines.length > 0 && bytes > want.maxBytes) break;
        lines.push({ sequence: item.sequence, bytes: item.bytes });
        this.#position = item.sequence + 1;
      }
      this.#spot = item.after;
    }
    return { lines, gaps };
  }

  async #limit(): Promise<number> {
    return await readable(this.#ports, this.#options.dir, this.spoolId);
  }

  async #write(sequence: number): Promise<void> {
    if (sequence === this.#acked) return;
    const wasRead = sequence > this.#acked && sequence < this.#position;
    if (!wasRead || !Number.isSafeInteger(sequence)) throw this.#outOfRange(sequence);
    await this.#checkpoint(sequence);
  }

  async #stepBack(sequence: number): Promise<void> {
    if (!Number.isSafeInteger(sequence) || sequence < 0 || sequence > this.#acked)
      throw this.#outOfRange(sequence);
    await this.#checkpoint(sequence);
    this.rewind();
  }

  async #checkpoint(sequence: number): Promise<void> {
    const updated_at = timestamp(this.#options.clock);
    const spool_id = this.spoolId;
    const checkpoint = { schema_version: 1 as const, spool_id, sequence, updated_at };
    await writeCheckpoint(this.#ports.files, this.#options.checkpointDir, checkpoint);
    this.#acked = sequence;
  }

  #outOfRange(sequence: number) {
    const message = `cannot acknowledge ${sequence}: read up to ${this.#position - 1}`;
    const context = { sequence, acked: this.#acked };
    return spoolError("SIGIL_SPOOL_ACK_RANGE", message, { context });
  }

  #checkOpen(): void {
    if (this.#closed) throw spoolError("SIGIL_SPOOL_CLOSED", "the consumer is closed");
  }
}
