import type { Buffer } from "node:buffer";
import type { SpoolHash } from "./ports.ts";
import { Newlines } from "./newlines.ts";
import { provenBy, RECORD_BYTES, type IndexRecord } from "./record.ts";
import { isPlausible, Records } from "./records.ts";
import { Resync, type Place } from "./resync.ts";
import { LINE_CAP_BYTES } from "./settings.ts";
import type { Window } from "./window.ts";

const SUM_BLOCK = 4096;
const START: Place = { ordinal: 0, offset: 0 };

/** One line of a segment, in order; `ordinal` counts from 0. */
export type CursorItem = ProvenLine | LostLine;

export type ProvenLine = {
  readonly kind: "line";
  readonly ordinal: number;
  readonly offset: number;
  /** Without the newline; its digest matches the index. */
  readonly bytes: Buffer;
  /** Damage that did not cost the line: its length in the index, or its newline. */
  readonly damage: "index" | "newline" | null;
};

export type LostLine = {
  readonly kind: "lost";
  readonly ordinal: number;
  /** Where it starts, as far as can be told. */
  readonly offset: number;
  /** `missing`: its bytes are not there. `corrupt`: they do not match the index. */
  readonly reason: "corrupt" | "missing";
};

/** Where a walk stands: what is needed to go on, in another cursor on the same segment, as if it had not stopped. */
export type Standing = Place & {
  readonly walked: boolean;
  /** The next line that can be proven, when those up to it are lost. */
  readonly resume: Place | null;
  readonly reason: LostLine["reason"];
  /** How many lines the walk was to have: what comes next was looked for among them. */
  readonly count: number;
  /** What misled walks have cost. */
  readonly vain: number;
};

type Check =
  | { readonly kind: "proven"; readonly end: number; readonly damage: ProvenLine["damage"] }
  | { readonly kind: "failed"; readonly reason: LostLine["reason"] };

/**
 * Walks a segment with two witnesses of where lines end: lengths in the index, newlines in the data.
 * One flipped byte can mislead only one of them, and the digest says which to believe, so a flip
 * costs at most its own line. Work and memory are linear whatever the index claims.
 */
export class SegmentCursor {
  readonly #data: Window;
  readonly #newlines: Newlines;
  readonly #index: Window;
  readonly #records: Records;
  readonly #resync: Resync;
  readonly #hash: SpoolHash;
  readonly #count: number;
  #ordinal = 0;
  #offset = 0;
  // False after a seek that summed lengths: one of them may be damaged.
  #walked = true;
  #resume: Place | null = null;
  #resumeReason: LostLine["reason"] = "corrupt";

  /** Reads the first `count` lines; fewer if the index ends before. */
  constructor(data: Window, index: Window, hash: SpoolHash, count: number) {
    this.#data = data;
    this.#newlines = new Newlines(data);
    this.#index = index;
    this.#records = new Records(index);
    this.#hash = hash;
    this.#count = Math.min(count, Math.floor(index.size / RECORD_BYTES));
    this.#resync = new Resync(data, new Records(index.twin()), hash, this.#count);
  }

  get count(): number {
    return this.#count;
  }

  /** The line `next` will return. */
  get place(): Place {
    return { ordinal: this.#ordinal, offset: this.#offset };
  }

  get standing(): Standing {
    return {
      ordinal: this.#ordinal,
      offset: this.#offset,
      walked: this.#walked,
      resume: this.#resume,
      reason: this.#resumeReason,
      count: this.#count,
      vain: this.#resync.vain,
    };
  }

  /** Goes to a line without reading those before it; `from` is where an earlier walk stood. */
  async seek(ordinal: number, from: Standing | null = null): Promise<void> {
    if (from !== null) this.#resync.addVain(from.vain);
    const isKnown = from !== null && (from.resume === null || from.count === this.#count);
    if (isKnown && from.ordinal === ordinal) {
      this.#moveTo(from, from.walked);
      this.#resume = from.resume;
      this.#resumeReason = from.reason;
      return;
    }
    const isBefore = from !== null && from.resume === null && from.ordinal <= ordinal;
    const offset = await this.#sum(isBefore ? from : START, ordinal);
    this.#moveTo({ ordinal, offset: offset ?? 0 }, ordinal === 0);
    if (offset === null) await this.#walkTo(ordinal);
  }

  /** Null at the end. */
  async next(): Promise<CursorItem | null> {
    if (this.#ordinal >= this.#count) return null;
    if (this.#resume !== null) return await this.#skip();
    const check = await this.#check(this.#ordinal, this.#offset);
    if (check.kind === "proven" && (this.#walked || check.damage === null)) {
      return await this.#take(check.end, check.damage);
    }
    if (!this.#walked) {
      await this.#walkTo(this.#ordinal);
      return await this.next();
    }
    this.#resume = await this.#resync.after(this.place);
    this.#resumeReason = check.kind === "failed" ? check.reason : "corrupt";
    return await this.#skip();
  }

  async #take(end: number, damage: ProvenLine["damage"]): Promise<ProvenLine> {
    const { ordinal, offset } = this.place;
    const bytes = await this.#data.view(offset, end - offset);
    this.#ordinal += 1;
    this.#offset = Math.min(end + 1, this.#data.size);
    return { kind: "line", ordinal, offset, bytes, damage };
  }

  async #skip(): Promise<LostLine> {
    const { ordinal, offset } = this.place;
    await this.#pass(ordinal + 1);
    return { kind: "lost", ordinal, offset, reason: this.#resumeReason };
  }

  /** Goes past lost lines, as far as the next one that can be proven. */
  async #pass(to: number): Promise<void> {
    const { size } = this.#data;
    for (; this.#ordinal < to; this.#ordinal += 1) {
      const at = this.#ordinal;
      const length = this.#records.peekLength(at) ?? (await this.#records.length(at));
      if (isPlausible(length)) this.#offset = Math.min(size, this.#offset + length + 1);
    }
    const resume = this.#resume;
    if (resume !== null && this.#ordinal >= resume.ordinal) {
      if (resume.ordinal < this.#count) this.#offset = resume.offset;
      this.#resume = null;
    }
  }

  #moveTo(place: Place, walked: boolean): void {
    this.#ordinal = place.ordinal;
    this.#offset = place.offset;
    this.#walked = walked;
    this.#resume = null;
  }

  async #walkTo(ordinal: number): Promise<void> {
    this.#moveTo(START, true);
    const last = Math.min(ordinal, this.#count);
    while (this.#ordinal < last) {
      await this.next();
      if (this.#resume !== null) await this.#pass(Math.min(last, this.#resume.ordinal));
    }
  }

  /** Null when a length on the way cannot be right. */
  async #sum(start: Place, ordinal: number): Promise<number | null> {
    let offset = start.offset;
    const last = Math.min(ordinal, this.#count);
    for (let at = start.ordinal; at < last; at += SUM_BLOCK) {
      const block = Math.min(SUM_BLOCK, last - at);
      const bytes = await this.#index.view(at * RECORD_BYTES, block * RECORD_BYTES);
      if (bytes.length < block * RECORD_BYTES) return null;
      for (let i = 0; i < block; i += 1) offset += bytes.readUInt32LE(i * RECORD_BYTES) + 1;
    }
    return offset <= this.#data.size ? offset : null;
  }

  async #check(ordinal: number, offset: number): Promise<Check> {
    const record = await this.#records.at(ordinal);
    const { size } = this.#data;
    if (offset >= size) return { kind: "failed", reason: "missing" };
    const newline = await this.#newlines.after(offset);
    const end = newline < 0 ? size : newline;
    const claimed = offset + record.length;
    // A shorter claim than the newline's: the newline may be what was damaged. A longer one cannot
    // be right, because no line has a newline inside. The shorter is tried first, so that many
    // short lines without their newlines cost no more than their bytes.
    if (claimed < end && (await this.#proves(record, offset, claimed))) {
      return { kind: "proven", end: claimed, damage: "newline" };
    }
    if (await this.#proves(record, offset, end)) return proven(record, offset, end, newline < 0);
    const short = newline < 0 && isPlausible(record.length) && claimed > size;
    return { kind: "failed", reason: short ? "missing" : "corrupt" };
  }

  async #proves(record: IndexRecord, offset: number, end: number): Promise<boolean> {
    const length = end - offset;
    if (length <= 0 || length > LINE_CAP_BYTES) return false;
    const bytes = await this.#data.view(offset, length);
    return bytes.length === length && provenBy(record, this.#hash.digest(bytes));
  }
}

function proven(record: IndexRecord, offset: number, end: number, noNewline: boolean): Check {
  if (noNewline) return { kind: "proven", end, damage: "newline" };
  return { kind: "proven", end, damage: end - offset === record.length ? null : "index" };
}
