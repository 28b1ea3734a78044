import type { Buffer } from "node:buffer";
import { readRecord, RECORD_BYTES, type IndexRecord } from "./record.ts";
import { LINE_CAP_BYTES } from "./settings.ts";
import type { Window } from "./window.ts";

/** The records of an index. Where there is none (the file shrank), it has length 0 and matches nothing. */
export class Records {
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
  }

  async at(ordinal: number): Promise<IndexRecord> {
    const bytes = await this.#window.view(ordinal * RECORD_BYTES, RECORD_BYTES);
    return bytes.length < RECORD_BYTES ? noRecord(bytes) : readRecord(bytes);
  }

  /** Its length if that is at hand, else null. */
  peekLength(ordinal: number): number | null {
    return this.#window.peekUint32(ordinal * RECORD_BYTES);
  }

  async length(ordinal: number): Promise<number> {
    return this.peekLength(ordinal) ?? (await this.at(ordinal)).length;
  }
}

function noRecord(bytes: Buffer): IndexRecord {
  return { length: 0, prefix: bytes.subarray(0, 0) };
}

/** Whether a line can be so long. */
export function isPlausible(length: number): boolean {
  return length > 0 && length <= LINE_CAP_BYTES;
}
