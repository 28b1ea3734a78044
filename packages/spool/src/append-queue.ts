import { Buffer } from "node:buffer";
import { spoolError } from "./error.ts";
import type { SpoolHash } from "./ports.ts";
import { encodeLines, type Encoded } from "./segment.ts";
import type { SpoolSettings } from "./settings.ts";

/** The sequences one append was given. */
export type AppendRange = { readonly first: number; readonly last: number };

type Waiting = {
  readonly encoded: Encoded;
  readonly resolve: (range: AppendRange) => void;
  readonly reject: (error: unknown) => void;
};

/** One group commit: whole appends, in the order they came. */
export type Group = {
  readonly encoded: Encoded;
  readonly settle: (first: number) => void;
  readonly refuse: (error: unknown) => void;
};

/** Appends that wait for a commit, bounded in bytes. */
export class AppendQueue {
  readonly #settings: SpoolSettings;
  readonly #hash: SpoolHash;
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(settings: SpoolSettings, hash: SpoolHash) {
    this.#settings = settings;
    this.#hash = hash;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Copies the lines at once, so that hashing overlaps with the sync of the commit before. */
  async add(lines: readonly Uint8Array[]): Promise<AppendRange> {
    const bytes = this.#check(lines);
    const encoded = encodeLines(lines, bytes, this.#hash);
    this.#bytes += encoded.data.length;
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ encoded, resolve, reject });
    });
  }

  /** As many whole appends as fit in one commit; at least one. */
  take(): Group {
    let bytes = 0;
    let end = 0;
    for (const { encoded } of this.#waiting) {
      bytes += encoded.data.length;
      if (end > 0 && bytes > this.#settings.group_max_bytes) break;
      end += 1;
    }
    const taken = this.#waiting.splice(0, end);
    const encoded = join(taken.map((waiting) => waiting.encoded));
    this.#bytes -= encoded.data.length;
    return {
      encoded,
      settle: (first) => settle(taken, first),
      refuse: (error) => {
        for (const waiting of taken) waiting.reject(error);
      },
    };
  }

  /** The bytes of all lines. @throws SIGIL_SPOOL_LINE, _LINE_TOO_LARGE, _APPEND_TOO_LARGE, _QUEUE_FULL */
  #check(lines: readonly Uint8Array[]): number {
    if (lines.length === 0) throw spoolError("SIGIL_SPOOL_LINE", "an append needs a line");
    let bytes = 0;
    for (const line of lines) bytes += checkLine(line, this.#settings.line_max_bytes);
    const { group_max_bytes, queue_max_bytes } = this.#settings;
    const size = bytes + lines.length;
    const context = { bytes: size, lines: lines.length };
    if (size > group_max_bytes) {
      const message = `an append of ${size} bytes is over group_max_bytes`;
      throw spoolError("SIGIL_SPOOL_APPEND_TOO_LARGE", message, { context });
    }
    if (this.#bytes + size > queue_max_bytes) {
      const message = `${this.#bytes} bytes wait already`;
      throw spoolError("SIGIL_SPOOL_QUEUE_FULL", message, { context });
    }
    return bytes;
  }
}

function checkLine(line: Uint8Array, most: number): number {
  if (line.length > most) {
    const message = `a line of ${line.length} bytes is over line_max_bytes`;
    throw spoolError("SIGIL_SPOOL_LINE_TOO_LARGE", message, { context: { bytes: line.length } });
  }
  // An empty line would be told apart from an unwritten index record by nothing.
  if (line.length === 0) throw spoolError("SIGIL_SPOOL_LINE", "a line is empty");
  const view = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  if (view.includes(0x0a)) throw spoolError("SIGIL_SPOOL_LINE", "a line has a newline inside");
  return line.length;
}

function join(parts: readonly Encoded[]): Encoded {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return {
    data: Buffer.concat(parts.map((part) => part.data)),
    index: Buffer.concat(parts.map((part) => part.index)),
    count: parts.reduce((sum, part) => sum + part.count, 0),
  };
}

function settle(taken: readonly Waiting[], from: number): void {
  let first = from;
  for (const { encoded, resolve } of taken) {
    resolve({ first, last: first + encoded.count - 1 });
    first += encoded.count;
  }
}
