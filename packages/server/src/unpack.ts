import type { Transform } from "node:stream";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { refuse, type Refusal } from "./problem.ts";

/** Encodings of a batch, the best first. */
export const ENCODINGS = ["zstd", "gzip", "identity"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What zlib hands over at a time. Bytes. */
const CHUNK = 256 * 1024;
/** 8 MiB, what RFC 8878 §3.1.1.1.2 asks every decoder for: a frame that wants more memory is refused. */
const MAX_WINDOW_LOG = 23;

/** The encoding a header names, `identity` when there is none, null for what is not supported. */
export function encodingOf(header: string | undefined): Encoding | null {
  const name = (header ?? "identity").trim().toLowerCase();
  return ENCODINGS.find((one) => one === name) ?? null;
}

/** Memory that batches are unpacked into one after the other: new memory for each would be most of what is used. */
export interface Slab {
  /** Appends; grows as is needed. */
  add(chunk: Buffer): void;
  readonly length: number;
  /** What was added. It is overwritten after `reset`. */
  bytes(): Buffer;
  /** Empties it; memory over `keep` is given back. */
  reset(keep: number): void;
}

/** @param first bytes to begin with */
export function createSlab(first: number): Slab {
  let memory = Buffer.allocUnsafeSlow(first);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(chunk) {
      const need = length + chunk.length;
      if (need > memory.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(need, 2 * memory.length));
        memory.copy(larger, 0, 0, length);
        memory = larger;
      }
      chunk.copy(memory, length);
      length = need;
    },
    bytes: () => memory.subarray(0, length),
    reset(keep) {
      length = 0;
      if (memory.length > keep) memory = Buffer.allocUnsafeSlow(first);
    },
  };
}

/**
 * Unpacks a batch. Stops at `maxBytes`: a bomb costs that much memory and no more.
 * @returns bytes of `slab`, or of the body itself when it is not packed
 */
export async function unpack(
  body: Buffer,
  encoding: Encoding,
  maxBytes: number,
  slab: Slab,
): Promise<Buffer | Refusal> {
  if (encoding === "identity") return body.length > maxBytes ? tooLarge(maxBytes) : body;
  const stream = decoderOf(encoding);
  stream.end(body);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (slab.length + chunk.length > maxBytes) return tooLarge(maxBytes);
      slab.add(chunk);
    }
    return slab.bytes();
  } catch {
    return refuse("batch-malformed", `the body is not ${encoding}`);
  } finally {
    stream.destroy();
  }
}

function decoderOf(encoding: "zstd" | "gzip"): Transform {
  if (encoding === "gzip") return createGunzip({ chunkSize: CHUNK });
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  return createZstdDecompress({ chunkSize: CHUNK, params });
}

function tooLarge(maxBytes: number): Refusal {
  return refuse("batch-too-large", `unpacked it has more than ${maxBytes} bytes`);
}
