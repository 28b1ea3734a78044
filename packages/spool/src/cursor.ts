import type { Buffer } from "node:buffer";
import type { SpoolHash } from "./ports.ts";
import { provenBy, readRecord, RECORD_BYTES, type IndexRecord } from "./record.ts";
import { LINE_CAP_BYTES } from "./settings.ts";
import type { Window } from "./window.ts";

const NEWLINE = 0x0a;
const SUM_BLOCK = 4096;

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

/** Where a line starts. */
export type Place = { readonly ordinal: number; readonly offset: number };

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
  readonly #index: Window;
  readonly #hash: SpoolHash;
  readonly #count: number;
  #ordinal = 0;
  #offset = 0;
  // False after a seek that summed lengths: one of them may be damaged.
  #walked = true;
  #resume: Place | null = null;
  #resumeReason: LostLine["reason"] = "corrupt";
  #newline = { from: 0, at: -2 };

  /** Reads the first `count` lines; fewer if the index ends before. */
  constructor(data: Window, index: Window, hash: SpoolHash, count: number) {
    this.#data = data;
    this.#index = index;
    this.#hash = hash;
    this.#count = Math.min(count, Math.floor(index.size / RECORD_BYTES));
  }

  get count(): number {
    return this.#count;
  }

  /** The line `next` will return. */
  get place(): Place {
    return { ordinal: this.#ordinal, offset: this.#offset };
  }

  /** Goes to a line without reading those before it; `from` is a place already known. */
  async seek(ordinal: number, from: Place = { ordinal: 0, offset: 0 }): Promise<void> {
    const start = from.ordinal <= ordinal ? from : { ordinal: 0, offset: 0 };
    const offset = await this.#sum(start, ordinal);
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
    this.#resume = await this.#findNext();
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
    const record = await this.#record(ordinal);
    this.#ordinal += 1;
    this.#offset = Math.min(this.#data.size, offset + (plausible(record) ? record.length + 1 : 0));
    const resume = this.#resume;
    if (resume !== null && this.#ordinal >= resume.ordinal) {
      if (resume.ordinal < this.#count) this.#offset = resume.offset;
      this.#resume = null;
    }
    return { kind: "lost", ordinal, offset, reason: this.#resumeReason };
  }

  #moveTo(place: Place, walked: boolean): void {
    this.#ordinal = place.ordinal;
    this.#offset = place.offset;
    this.#walked = walked;
    this.#resume = null;
  }

  async #walkTo(ordinal: number): Promise<void> {
    this.#moveTo({ ordinal: 0, offset: 0 }, true);
    while (this.#ordinal < Math.min(ordinal, this.#count)) await this.next();
  }

  /** Null when a length on the way cannot be right. */
  async #sum(start: Place, ordinal: number): Promise<number | null> {
    let offset = start.offset;
    const last = Math.min(ordinal, this.#count);
    for (let at = start.ordinal; at < last; at += SUM_BLOCK) {
      const block = Math.min(SUM_BLOCK, last - at);
      const bytes = await this.#index.view(at * RECORD_BYTES, block * RECORD_BYTES);
      for (let i = 0; i < block; i += 1) offset += bytes.readUInt32LE(i * RECORD_BYTES) + 1;
    }
    return offset <= this.#data.size ? offset : null;
  }

  async #check(ordinal: number, offset: number): Promise<Check> {
    const record = await this.#record(ordinal);
    const { size } = this.#data;
    if (offset >= size) return { kind: "failed", reason: "missing" };
    const newline = await this.#newlineAfter(offset);
    const end = newline < 0 ? size : newline;
    if (await this.#proves(record, offset, end)) return proven(record, offset, end, newline < 0);
    const claimed = offset + record.length;
    // A shorter claim than the newline's: the newline may be what was damaged. A longer one cannot
    // be right, because no line has a newline inside.
    if (claimed < end && (await this.#proves(record, offset, claimed))) {
      return { kind: "proven", end: claimed, damage: "newline" };
    }
    const short = newline < 0 && plausible(record) && claimed > size;
    return { kind: "failed", reason: short ? "missing" : "corrupt" };
  }

  async #proves(record: IndexRecord, offset: number, end: number): Promise<boolean> {
    const length = end - offset;
    if (length <= 0 || length > LINE_CAP_BYTES) return false;
    const bytes = await this.#data.view(offset, length);
    return bytes.length === length && provenBy(record, this.#hash.digest(bytes));
  }

  /** The next line that can be proven after one that cannot: by lengths first, then by newlines. */
  async #findNext(): Promise<Place> {
    let byLength: number | null = this.#offset;
    let byNewline: number | null = this.#offset;
    for (let ordinal = this.#ordinal + 1; ordinal < this.#count; ordinal += 1) {
      byLength = this.#inside(await this.#afterLength(ordinal - 1, byLength));
      byNewline = this.#inside(await this.#afterNewline(byNewline));
      if (byLength === null && byNewline === null) break;
      if (byLength !== null && (await this.#isWhole(ordinal, byLength))) {
        return { ordinal, offset: byLength };
      }
      if (byNewline !== null && (await this.#isWholePair(ordinal, byNewline))) {
        return { ordinal, offset: byNewline };
      }
    }
    return { ordinal: this.#count, offset: this.#data.size };
  }

  async #isWhole(ordinal: number, offset: number): Promise<boolean> {
    const check = await this.#check(ordinal, offset);
    return check.kind === "proven" && check.damage === null;
  }

  /** A newline may stand anywhere: only with the line after it is it no coincidence of equal lines. */
  async #isWholePair(ordinal: number, offset: number): Promise<boolean> {
    if (!(await this.#isWhole(ordinal, offset))) return false;
    if (ordinal + 1 === this.#count) return true;
    const after = await this.#afterNewline(offset);
    return after !== null && (await this.#isWhole(ordinal + 1, after));
  }

  async #afterLength(ordinal: number, offset: number | null): Promise<number | null> {
    if (offset === null) return null;
    const record = await this.#record(ordinal);
    return plausible(record) ? offset + record.length + 1 : null;
  }

  async #afterNewline(offset: number | null): Promise<number | null> {
    if (offset === null) return null;
    const newline = await this.#newlineAfter(offset);
    return newline < 0 ? null : newline + 1;
  }

  #inside(offset: number | null): number | null {
    return offset !== null && offset < this.#data.size ? offset : null;
  }

  async #record(ordinal: number): Promise<IndexRecord> {
    const at = ordinal * RECORD_BYTES;
    const bytes = this.#index.peek(at, RECORD_BYTES) ?? (await this.#index.view(at, RECORD_BYTES));
    return bytes.length < RECORD_BYTES ? NO_RECORD(bytes) : readRecord(bytes);
  }

  /** -1 when no line can end there. Remembers the last answer, so that a walk scans bytes once. */
  async #newlineAfter(offset: number): Promise<number> {
    const known = this.#newline;
    if (offset >= known.from && (offset <= known.at || known.at === -1)) return known.at;
    const limit = Math.min(this.#data.size, offset + LINE_CAP_BYTES + 1);
    let at = offset;
    while (at < limit) {
      const chunk = await this.#data.some(at);
      if (chunk.length === 0) break;
      const found = chunk.indexOf(NEWLINE);
      if (found >= 0) return this.#remember(offset, at + found);
      at += chunk.length;
    }
    return limit === this.#data.size ? this.#remember(offset, -1) : -1;
  }

  #remember(from: number, at: number): number {
    this.#newline = { from, at };
    return at;
  }
}

// The file shrank while it was read: nothing can match an empty prefix.
const NO_RECORD = (bytes: Buffer): IndexRecord => ({ length: 0, prefix: bytes.subarray(0, 0) });

function plausible(record: IndexRecord): boolean {
  return record.length > 0 && record.length <= LINE_CAP_BYTES;
}

function proven(record: IndexRecord, offset: number, end: number, noNewline: boolean): Check {
  if (noNewline) return { kind: "proven", end, damage: "newline" };
  return { kind: "proven", end, damage: end - offset === record.length ? null : "index" };
}
