import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { chainText, type BatchManifest } from "@sigil/core";
import { toDigest, type DigestPort } from "@sigil/core/plain";
import { bytesOf, type Load } from "./read.ts";

/** Names of HTTP content codings (RFC 9110 §8.4.1, RFC 8878). */
export type Encoding = "zstd" | "gzip" | "identity";

const NEWLINE = 0x0a;
const GZIP_MOST = 9;
/** Output is fetched from the thread pool in pieces of this size. */
const CHUNK_BYTES = 256 * 1024;

export type PackOptions = {
  readonly batchId: string;
  readonly hostId: string;
  readonly stream: BatchManifest["stream"];
  /** Chain digest of the batch before, if it is known. */
  readonly previous: string | null;
  readonly encoding: Encoding;
  readonly level: number;
  readonly hash: DigestPort;
  readonly scratch: Scratch;
};

/** A batch ready to be sent, as often as need be. */
export type Packed = {
  readonly load: Load;
  readonly manifest: BatchManifest;
  /** Of this batch, for the next one's `previous`. */
  readonly chain: string;
  readonly encoding: Encoding;
  readonly body: Uint8Array;
};

/** Room before the lines for the manifest; one with very many gaps is copied. Bytes. */
const HEAD_ROOM = 4096;

/** Memory that is packed in, used again batch after batch. */
export interface Scratch {
  /** At least `bytes` long; its contents are anything. */
  take(bytes: number): Buffer;
  /** It may be taken again. */
  give(buffer: Buffer): void;
}

/** Keeps one buffer of at most `most` bytes; what is larger, or taken while that one is out, is left to the collector. */
export function createScratch(most: number): Scratch {
  let kept: Buffer | null = null;
  return {
    take(bytes) {
      const buffer = kept !== null && kept.length >= bytes ? kept : null;
      if (buffer === null) return Buffer.allocUnsafeSlow(bytes);
      kept = null;
      return buffer;
    },
    give(buffer) {
      if (buffer.length <= most && buffer.length > (kept?.length ?? 0)) kept = buffer;
    },
  };
}

/** Seals a load: the manifest on the first line, the events below, encoded (docs/specs/transport.md). */
export async function pack(load: Load, options: PackOptions): Promise<Packed> {
  const { scratch, encoding, level, hash } = options;
  const size = bytesOf(load.lines);
  const room = scratch.take(HEAD_ROOM + size);
  try {
    const lines = room.subarray(HEAD_ROOM, HEAD_ROOM + size);
    joinLines(load, lines);
    const manifest = manifestOf(load, lines, options);
    const plain = withHead(room, lines, Buffer.from(`${JSON.stringify(manifest)}\n`));
    const body = await encode(plain, encoding, level);
    const chain = digestOf(hash, Buffer.from(chainText(manifest), "latin1"));
    return { load, manifest, chain, encoding, body };
  } finally {
    scratch.give(room);
  }
}

/** The manifest's line in front of the events, which stay where they are. */
function withHead(room: Buffer, lines: Buffer, head: Buffer): Buffer {
  if (head.length > HEAD_ROOM) return Buffer.concat([head, lines]);
  const start = HEAD_ROOM - head.length;
  room.set(head, start);
  return room.subarray(start, HEAD_ROOM + lines.length);
}

function joinLines(load: Load, into: Buffer): void {
  let at = 0;
  for (const { bytes } of load.lines) {
    into.set(bytes, at);
    at += bytes.length;
    into[at] = NEWLINE;
    at += 1;
  }
}

function manifestOf(load: Load, lines: Buffer, options: PackOptions): BatchManifest {
  return {
    wire_version: 1,
    batch_id: options.batchId,
    host_id: options.hostId,
    stream: options.stream,
    spool_id: load.spoolId,
    first_sequence: load.first,
    last_sequence: load.last,
    count: load.lines.length,
    bytes: lines.length,
    digest: digestOf(options.hash, lines),
    previous: options.previous,
    gaps: [...load.gaps],
  };
}

function digestOf(hash: DigestPort, bytes: Uint8Array): string {
  return toDigest(hash.digest(bytes));
}

const zstd = promisify(zstdCompress);
const gzipped = promisify(gzip);

/** @returns bytes of its own: the plain ones are overwritten by the next batch */
async function encode(plain: Buffer, encoding: Encoding, level: number): Promise<Uint8Array> {
  if (encoding === "identity") return Buffer.from(plain);
  const chunkSize = CHUNK_BYTES;
  if (encoding === "gzip")
    return await gzipped(plain, { chunkSize, level: Math.min(level, GZIP_MOST) });
  return await zstd(plain, {
    chunkSize,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    pledgedSrcSize: plain.length,
  });
}

const PREFERENCE: readonly Encoding[] = ["zstd", "gzip", "identity"];

/** The best encoding of those that both sides take; null when the receiver took none. */
export function encodingFor(
  wanted: "zstd" | "gzip" | "none",
  taken: readonly string[],
  refused: ReadonlySet<Encoding>,
): Encoding | null {
  const from = PREFERENCE.indexOf(wanted === "none" ? "identity" : wanted);
  // RFC 9110 §12.5.3: identity is acceptable unless it is refused.
  const isTaken = (encoding: Encoding) => encoding === "identity" || taken.includes(encoding);
  const choice = PREFERENCE.slice(from).find((one) => isTaken(one) && !refused.has(one));
  return choice ?? null;
}
