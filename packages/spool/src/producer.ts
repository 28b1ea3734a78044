import { messageOf } from "@sigil/core/plain";
import { AppendQueue, type AppendRange } from "./append-queue.ts";
import { createChain, type Chain } from "./chain.ts";
import { Current } from "./current.ts";
import { claimDirectory, takeLock } from "./directory.ts";
import { checkLeft, coded, quietly, spoolError } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import type { KeepContext } from "./keep.ts";
import { LEAP_MAX } from "./layout.ts";
import { openMark, type MarkWriter } from "./mark.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolClock, SpoolHash, SpoolLease, SpoolLock } from "./ports.ts";
import { recoverSpool, type SpoolState } from "./recover.ts";
import { shielded, type OnReport } from "./report.ts";
import { resumeSegment, type Encoded, type Segment } from "./segment.ts";
import { resolveSettings, type SpoolSettings } from "./settings.ts";
import { measureSpool, type SpoolSize } from "./size.ts";

export type ProducerOptions = {
  readonly dir: string;
  readonly hash: SpoolHash;
  readonly lock: SpoolLock;
  readonly clock: SpoolClock;
  readonly settings?: Partial<SpoolSettings>;
  readonly files?: SpoolFiles;
  readonly onReport?: OnReport;
};

export type ProducerStats = SpoolSize & {
  readonly spool_id: string;
  /** Last acknowledged sequence; 0 before the first. */
  readonly last_sequence: number;
  /** Closed segments that wait for their manifest. */
  readonly unsealed_segments: number;
  /** Digest of the newest manifest: the head of the chain. */
  readonly chain_head: string | null;
};

/**
 * Opens the spool to write, making the directory if needed and recovering what the last producer
 * left. Start-up reads the listing, the newest manifest and the last segment, whatever the backlog.
 * @throws SIGIL_SPOOL_OWNER, SIGIL_SPOOL_LOCKED, SIGIL_SPOOL_SETTING, SIGIL_SPOOL_CORRUPT,
 *   SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO, SIGIL_SPOOL_SPENT
 */
export async function openProducer(options: ProducerOptions): Promise<Producer> {
  const settings = resolveSettings(options.settings);
  const files = options.files ?? nodeFiles;
  const { dir, hash, clock } = options;
  const report = shielded(options.onReport);
  await claimDirectory(files, dir);
  const lease = takeLock(options.lock, dir);
  try {
    const context: KeepContext = { files, hash, clock, dir, settings, report };
    return await coded("cannot open the spool", async () => await start(context, lease));
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function start(context: KeepContext, lease: SpoolLease): Promise<Producer> {
  const { files, dir, hash, clock } = context;
  const state = await recoverSpool(context);
  const mark = await openMark(files, dir, hash, state.spoolId, state.next - 1);
  try {
    const { resume } = state;
    const segment = resume === null ? null : await resumeSegment(files, dir, resume, clock.now());
    return new Producer(context, lease, state, mark, segment);
  } catch (error) {
    await quietly(async () => await mark.close());
    throw error;
  }
}

/** The one writer of a spool. Every method may be called at any time; they take turns inside. */
export class Producer {
  readonly #context: KeepContext;
  readonly #lease: SpoolLease;
  readonly #spoolId: string;
  readonly #mark: MarkWriter;
  readonly #queue: AppendQueue;
  readonly #chain: Chain;
  readonly #current: Current;
  #next: number;
  #turn: Promise<unknown> = Promise.resolve();
  #draining = false;
  #closing: Promise<void> | null = null;

  constructor(
    context: KeepContext,
    lease: SpoolLease,
    state: SpoolState,
    mark: MarkWriter,
    segment: Segment | null,
  ) {
    this.#context = context;
    this.#lease = lease;
    this.#spoolId = state.spoolId;
    this.#mark = mark;
    this.#queue = new AppendQueue(context.settings, context.hash);
    this.#chain = createChain(context, state);
    this.#current = new Current(context, this.#chain, segment);
    this.#next = state.next;
  }

  get spoolId(): string {
    return this.#spoolId;
  }

  /** Last acknowledged sequence; 0 before the first. */
  get lastSequence(): number {
    return this.#next - 1;
  }

  /**
   * Resolves when the lines survive a power cut, with consecutive sequences. Appends that come
   * while a commit is under way share the next one. After a rejection none of the lines has a
   * sequence and later appends are tried afresh.
   * @throws SIGIL_SPOOL_LINE, SIGIL_SPOOL_LINE_TOO_LARGE, SIGIL_SPOOL_APPEND_TOO_LARGE,
   *   SIGIL_SPOOL_QUEUE_FULL, SIGIL_SPOOL_CLOSED, SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO, SIGIL_SPOOL_SPENT
   */
  async append(lines: readonly Uint8Array[]): Promise<AppendRange> {
    if (this.#closing !== null) throw closed();
    const range = this.#queue.add(lines);
    if (!this.#draining) void this.#drain();
    return await range;
  }

  /**
   * Gives no sequence up to this one, which the owner knows was acknowledged; what the spool no longer has of them is
   * reported. A claim further on than any spool could have lost is not believed.
   * @throws SIGIL_SPOOL_CLOSED
   */
  async skipPast(sequence: number): Promise<void> {
    if (this.#closing !== null) throw closed();
    await this.#exclusive(async () => {
      const from = this.#next;
      if (!(sequence >= from && sequence < from + LEAP_MAX)) return;
      await this.#current.retire();
      this.#next = sequence + 1;
      this.#context.report({ kind: "lines_missing", from, to: sequence });
      await this.#publish();
    });
  }

  /** Closes the open segment, so that retention may take it and the chain covers it. */
  async roll(): Promise<void> {
    if (this.#closing !== null) throw closed();
    await this.#exclusive(async () => await this.#current.retire());
  }

  /**
   * Call it now and then: rolls by age when nothing is appended, and finishes one manifest that an
   * earlier failure or crash left out. Failures are reported, not thrown.
   */
  async maintain(): Promise<void> {
    if (this.#closing !== null) throw closed();
    await this.#exclusive(async () => await this.#current.maintain(this.#next));
  }

  /** Sizes are measured on disk. @throws SIGIL_SPOOL_IO */
  async stats(): Promise<ProducerStats> {
    const { files, dir } = this.#context;
    const size = await coded(
      "cannot measure the spool",
      async () => await measureSpool(files, dir),
    );
    return {
      ...size,
      spool_id: this.#spoolId,
      last_sequence: this.lastSequence,
      unsealed_segments: this.#chain.waiting,
      chain_head: this.#chain.head,
    };
  }

  /** Commits what was appended before, closes the segment with its manifest, frees the lock. */
  async close(): Promise<void> {
    this.#closing ??= this.#finish();
    await this.#closing;
  }

  async #finish(): Promise<void> {
    try {
      while (!this.#queue.isEmpty) await this.#exclusive(async () => await this.#commitGroup());
      await this.#exclusive(async () => await this.#current.retire());
      await quietly(async () => await this.#mark.close());
    } finally {
      this.#lease.release();
    }
  }

  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = quietly(async () => await result);
    return await result;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (!this.#queue.isEmpty) await this.#exclusive(async () => await this.#commitGroup());
    this.#draining = false;
  }

  /** Never throws: the appends of the group carry the failure. */
  async #commitGroup(): Promise<void> {
    if (this.#queue.isEmpty) return;
    const group = this.#queue.take();
    try {
      group.settle(await this.#commit(group.encoded));
    } catch (error) {
      const events = group.encoded.count;
      this.#context.report({ kind: "append_failed", events, why: messageOf(error) });
      group.refuse(error);
    }
  }

  async #commit(encoded: Encoded): Promise<number> {
    checkLeft(this.#next + encoded.count - 1);
    await this.#current.commit(encoded, this.#next);
    const first = this.#next;
    this.#next += encoded.count;
    await this.#publish();
    return first;
  }

  async #publish(): Promise<void> {
    try {
      await this.#mark.publish(this.#next - 1);
    } catch (error) {
      this.#context.report({ kind: "mark_failed", why: messageOf(error) });
    }
  }
}

function closed() {
  return spoolError("SIGIL_SPOOL_CLOSED", "the producer is closed");
}
