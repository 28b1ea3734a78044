import { messageOf } from "@sigil/core/plain";
import type { Chain } from "./chain.ts";
import { ioError, spoolError } from "./error.ts";
import type { KeepContext } from "./keep.ts";
import { partPath, stemOf } from "./layout.ts";
import { createSegment, removeSegment, type Encoded, type Segment } from "./segment.ts";

/** A roll finishes the manifest of its own segment and of one that was left over. */
const SEALS_PER_ROLL = 2;

/** The segment that is written, if one is open: begins it, fills it, ends it. The caller sees to turns. */
export class Current {
  readonly #context: KeepContext;
  readonly #chain: Chain;
  #segment: Segment | null;

  constructor(context: KeepContext, chain: Chain, segment: Segment | null) {
    this.#context = context;
    this.#chain = chain;
    this.#segment = segment;
  }

  /**
   * Makes lines durable, in a new segment where the open one is full, old or gone.
   * @param next the sequence of the first of them
   * @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO
   */
  async commit(encoded: Encoded, next: number): Promise<void> {
    const segment = await this.#segmentFor(encoded.data.length, next);
    const [outcome, isThere] = await Promise.all([segment.commit(encoded), this.#isThere(segment)]);
    if (outcome.kind === "abandoned") await this.#abandon(segment, messageOf(outcome.cause));
    if (outcome.kind !== "durable") throw ioError(outcome.cause, "cannot append");
    if (isThere) return;
    await this.#leave(segment, next);
    throw spoolError("SIGIL_SPOOL_IO", "cannot append: the open segment was removed or replaced");
  }

  /** Looks whether the open segment is still in its place, and ends it where it is too old. @param next as of `commit` */
  async maintain(next: number): Promise<void> {
    await this.#checkThere(next);
    if (this.#segment !== null && this.#isOld(this.#segment)) await this.retire();
    else await this.#chain.seal(1);
  }

  /** Ends the open segment, and writes its manifest. */
  async retire(): Promise<void> {
    await this.#end();
    await this.#chain.seal(SEALS_PER_ROLL);
  }

  async #segmentFor(bytes: number, next: number): Promise<Segment> {
    const open = this.#segment;
    const { segment_max_bytes } = this.#context.settings;
    if (open !== null) {
      const full = open.count > 0 && open.bytes + bytes > segment_max_bytes;
      if (!full && !this.#isOld(open)) return open;
      await this.retire();
    }
    const { files, dir, clock, hash } = this.#context;
    try {
      this.#segment = await createSegment(files, dir, next, clock.now(), hash);
      return this.#segment;
    } catch (error) {
      throw ioError(error, "cannot create a segment");
    }
  }

  #isOld(segment: Segment): boolean {
    const now = this.#context.clock.now();
    // A clock set back must not keep a segment open for the years in between.
    if (now < segment.openedAt) segment.openedAt = now;
    return segment.count > 0 && now - segment.openedAt >= this.#context.settings.segment_max_age_ms;
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

  async #checkThere(next: number): Promise<void> {
    const segment = this.#segment;
    if (segment === null) return;
    const { files, dir } = this.#context;
    if (!(await segment.isAt(files, dir, "jsonl"))) return await this.#leave(segment, next);
    if (await segment.isAt(files, dir, "idx")) return;
    this.#tellGone(segment, next);
    await this.#end();
  }

  async #leave(segment: Segment, next: number): Promise<void> {
    this.#tellGone(segment, next);
    this.#segment = null;
    await segment.close();
    const { files, dir } = this.#context;
    // Another file in its place may hold its lines: it is left to readers and to recovery.
    const there = await files.lstat(partPath(dir, segment.first, "jsonl"));
    if (there?.kind !== "file") await removeSegment(files, dir, segment.first);
  }

  #tellGone({ first }: Segment, next: number): void {
    const range = { from: first, to: next - 1 };
    if (range.to >= first)
      this.#context.report({ kind: "segment_gone", segment: stemOf(first), ...range });
  }

  async #abandon(segment: Segment, why: string): Promise<void> {
    this.#context.report({ kind: "segment_abandoned", segment: stemOf(segment.first), why });
    await this.#end();
  }

  async #end(): Promise<void> {
    const segment = this.#segment;
    if (segment === null) return;
    this.#segment = null;
    const digest = await segment.close();
    const { first, count, bytes } = segment;
    if (count > 0) this.#chain.add({ first, count, bytes, digest });
    else await removeSegment(this.#context.files, this.#context.dir, first);
  }
}
