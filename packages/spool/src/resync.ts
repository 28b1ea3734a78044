import type { SpoolHash } from "./ports.ts";
import { NEWLINE, Newlines } from "./newlines.ts";
import { provenBy } from "./record.ts";
import { isPlausible, type Records } from "./records.ts";
import type { Window } from "./window.ts";

/** Lengths can lead anywhere: what they are looked up with is read in small pieces. */
const PROBE_BYTES = 4096;
/** How many times its size a segment's lengths may lead in vain to bytes that have to be read. */
const VAIN_FACTOR = 4;

/** Where a line starts. */
export type Place = { readonly ordinal: number; readonly offset: number };

/**
 * Finds the next line that can be proven after one that cannot: by lengths first, then by newlines.
 * A line is digested only where its newline stands exactly at its length. Lengths that a hostile
 * index made up can lead to the same bytes again and again: once that has cost several times the
 * segment's size, only newlines are followed, which pass each byte a few times at most.
 */
export class Resync {
  readonly #probe: Window;
  readonly #lines: Window;
  readonly #newlines: Newlines;
  readonly #records: Records;
  readonly #hash: SpoolHash;
  readonly #count: number;
  readonly #credit: number;
  #led = 0;

  constructor(data: Window, records: Records, hash: SpoolHash, count: number) {
    this.#probe = data.twin(PROBE_BYTES);
    this.#lines = data.twin();
    this.#newlines = new Newlines(this.#lines);
    this.#records = records;
    this.#hash = hash;
    this.#count = count;
    this.#credit = VAIN_FACTOR * data.size;
  }

  /** Bytes that lengths led to in vain. */
  get vain(): number {
    return this.#led + this.#probe.loaded;
  }

  /** Adds those of an earlier walk over the segment. */
  addVain(bytes: number): void {
    this.#led += bytes;
  }

  /** Past the end when there is none. */
  async after(lost: Place): Promise<Place> {
    let byLength: number | null = lost.offset;
    let byNewline: number | null = lost.offset;
    for (let ordinal = lost.ordinal + 1; ordinal < this.#count; ordinal += 1) {
      const before = this.#records.peekLength(ordinal - 1);
      byLength = this.#step(byLength, before ?? (await this.#records.length(ordinal - 1)));
      if (byNewline !== null) byNewline = await this.#afterNewline(byNewline);
      if (byLength === null && byNewline === null) break;
      if (byLength !== null && (await this.#isWhole(ordinal, byLength))) {
        this.#led += Math.max(0, this.#newlines.reached - byLength);
        return { ordinal, offset: byLength };
      }
      if (byNewline !== null && (await this.#isWholePair(ordinal, byNewline))) {
        return { ordinal, offset: byNewline };
      }
    }
    return { ordinal: this.#count, offset: this.#lines.size };
  }

  #step(offset: number | null, length: number): number | null {
    if (offset === null || !isPlausible(length)) return null;
    if (this.vain > this.#credit) return null;
    return this.#inside(offset + length + 1);
  }

  async #afterNewline(offset: number): Promise<number | null> {
    const newline = await this.#newlines.after(offset);
    return newline < 0 ? null : this.#inside(newline + 1);
  }

  #inside(offset: number): number | null {
    return offset < this.#lines.size ? offset : null;
  }

  /** Whether this line is at this place, as the lengths have it. */
  async #isWhole(ordinal: number, offset: number): Promise<boolean> {
    const length = this.#records.peekLength(ordinal) ?? (await this.#records.length(ordinal));
    const end = offset + length;
    if (!isPlausible(length) || end >= this.#probe.size) return false;
    const last = this.#probe.peekByte(end) ?? (await this.#probe.view(end, 1))[0];
    if (last !== NEWLINE) return false;
    const bytes = await this.#probe.view(offset, length);
    this.#led += length;
    if (bytes.length < length || bytes.includes(NEWLINE)) return false;
    const isProven = provenBy(await this.#records.at(ordinal), this.#hash.digest(bytes));
    if (isProven) this.#led -= length;
    return isProven;
  }

  /** A newline may stand anywhere: only with the line after it is it no coincidence of equal lines. */
  async #isWholePair(ordinal: number, offset: number): Promise<boolean> {
    if (!(await this.#isLine(ordinal, offset))) return false;
    if (ordinal + 1 === this.#count) return true;
    const after = await this.#afterNewline(offset);
    return after !== null && (await this.#isLine(ordinal + 1, after));
  }

  /** Whether this line is at this place, as the newlines have it. */
  async #isLine(ordinal: number, offset: number): Promise<boolean> {
    const length = this.#records.peekLength(ordinal) ?? (await this.#records.length(ordinal));
    if (!isPlausible(length)) return false;
    if ((await this.#newlines.after(offset)) !== offset + length) return false;
    const bytes = await this.#lines.view(offset, length);
    if (bytes.length < length) return false;
    return provenBy(await this.#records.at(ordinal), this.#hash.digest(bytes));
  }
}
