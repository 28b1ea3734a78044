import { messageOf } from "@sigil/core/plain";
import { AppendQueue, type AppendRange } from "./append-queue.ts";
import { createChain, type Chain } from "./chain.ts";
import { claimDirectory, takeLock } from "./directory.ts";
import { checkLeft, coded, ioError, quietly, spoolError } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import type { KeepContext } from "./keep.ts";
import { LEAP_MAX, partPath, stemOf } from "./layout.ts";
import { openMark, type MarkWriter } from "./mark.ts";
import { nodeFiles } from "./node-files.ts";
import type { SpoolClock, SpoolHash, SpoolLease, SpoolLock } from "./ports.ts";
import { recoverSpool, type SpoolState } from "./recover.ts";
import { shielded, type OnReport } from "./report.ts";
import {
  createSegment,
  removeSegment,
  resumeSegment,
  type Encoded,
  type Segment,
} from "./segment.ts";
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

/** A roll finishes the manifest of its own segment and of one that was left over. */
const SEALS_PER_ROLL = 2;

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
  #segment: Segment | null;
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
    this.#segment = segment;
    this.#chain = createChain(context, state);
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
      await this.#retire();
      this.#next = sequence + 1;
      this.#context.report({ kind: "lines_missing", from, to: sequence });
      await this.#publish();
    });
  }

  /** Closes the open segment, so that retention may take it and the chain covers it. */
  async roll(): Promise<void> {
    if (this.#closing !== null) throw closed();
    await this.#exclusive(async () => await this.#retire());
  }

  /**
   * Call it now and then: rolls by age when nothing is appended, and finishes one manifest that an
   * earlier failure or crash left out. Failures are reported, not thrown.
   */
  async maintain(): Promise<void> {
    if (this.#closing !== null) throw closed();
    await this.#exclusive(async () => {
      await this.#checkThere();
      if (this.#segment !== null && this.#isOld(this.#segment)) await this.#retire();
      else await this.#chain.seal(1);
    });
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
      await this.#exclusive(async () => await this.#retire());
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
    const segment = await this.#segmentFor(encoded.data.length);
    const [outcome, isThere] = await Promise.all([segment.commit(encoded), this.#isThere(segment)]);
    if (outcome.kind === "abandoned") await this.#abandon(segment, messageOf(outcome.cause));
    if (outcome.kind !== "durable") throw ioError(outcome.cause, "cannot append");
    if (!isThere) {
      await this.#leave(segment);
      throw spoolError("SIGIL_SPOOL_IO", "cannot append: the open segment was removed or replaced");
    }
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

  async #segmentFor(bytes: number): Promise<Segment> {
    const open = this.#segment;
    const { segment_max_bytes } = this.#context.settings;
    if (open !== null) {
      const full = open.count > 0 && open.bytes + bytes > segment_max_bytes;
      if (!full && !this.#isOld(open)) return open;
      await this.#retire();
    }
    const { files, dir, clock, hash } = this.#context;
    try {
      this.#segment = await createSegment(files, dir, this.#next, clock.now(), hash);
      return this.#segment;
    } catch (error) {
      throw ioError(error, "cannot create a segment");
    }
  }

  /** Writes into files that somebody removed or replaced succeed, and nobody will ever read them: they count for nothing. */
  async #isThere(segment: Segment): Promise<boolean> {
    const { files, dir } = this.#context;
    try {
      return await segment.isAt(files, dir, "jsonl");
    } catch {
      return true;
    }
  }

  async #checkThere(): Promise<void> {
    const segment = this.#segment;
    if (segment === null) return;
    const { files, dir } = this.#context;
    if (!(await segment.isAt(files, dir, "jsonl"))) return await this.#leave(segment);
    if (await segment.isAt(files, dir, "idx")) return;
    this.#tellGone(segment);
    await this.#endSegment();
  }

  async #leave(segment: Segment): Promise<void> {
    this.#tellGone(segment);
    this.#segment = null;
    await segment.close();
    const { files, dir } = this.#context;
    // Another file in its place may hold its lines: it is left to readers and to recovery.
    const there = await files.lstat(partPath(dir, segment.first, "jsonl"));
    if (there?.kind !== "file") await removeSegment(files, dir, segment.first);
  }

  #tellGone({ first }: Segment): void {
    const range = { from: first, to: this.#next - 1 };
    if (range.to >= first)
      this.#context.report({ kind: "segment_gone", segment: stemOf(first), ...range });
  }

  #isOld(segment: Segment): boolean {
    const now = this.#context.clock.now();
    // A clock set back must not keep a segment open for the years in between.
    if (now < segment.openedAt) segment.openedAt = now;
    return segment.count > 0 && now - segment.openedAt >= this.#context.settings.segment_max_age_ms;
  }

  async #retire(): Promise<void> {
    await this.#endSegment();
    await this.#chain.seal(SEALS_PER_ROLL);
  }

  async #abandon(segment: Segment, why: string): Promise<void> {
    this.#context.report({ kind: "segment_abandoned", segment: stemOf(segment.first), why });
    await this.#endSegment();
  }

  async #endSegment(): Promise<void> {
    const segment = this.#segment;
    if (segment === null) return;
    this.#segment = null;
    const digest = await segment.close();
    const { first, count, bytes } = segment;
    if (count > 0) this.#chain.add({ first, count, bytes, digest });
    else await removeSegment(this.#context.files, this.#context.dir, first);
  }
}

function closed() {
  return spoolError("SIGIL_SPOOL_CLOSED", "the producer is closed");
}
