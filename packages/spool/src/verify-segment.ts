import { SigilError } from "@sigil/core/plain";
import type { FaultList } from "./faults.ts";
import { partPath, stemOf } from "./layout.ts";
import { digestFile, type Manifest } from "./manifest.ts";
import { openSegment, type ReaderPorts, type SegmentReader } from "./reader.ts";
import { RECORD_BYTES } from "./record.ts";

export type Expectation = {
  readonly first: number;
  /** Null when it has none that can be read. */
  readonly manifest: Manifest | null;
  /** First sequence of the next segment; null for the newest. */
  readonly next: number | null;
  readonly mark: number | null;
};

export type SegmentVerdict = {
  /** Last sequence the segment should hold. */
  readonly last: number;
  readonly lines: number;
  readonly bytes: number;
};

/** Null when the segment was evicted meanwhile or is not a regular file. */
export async function verifySegment(
  ports: ReaderPorts,
  dir: string,
  faults: FaultList,
  expected: Expectation,
): Promise<SegmentVerdict | null> {
  const reader = await open(ports, dir, faults, expected.first);
  if (reader === null) return null;
  try {
    return await new SegmentVerification(ports, dir, faults, expected, reader).run();
  } finally {
    await reader.close();
  }
}

async function open(
  ports: ReaderPorts,
  dir: string,
  faults: FaultList,
  first: number,
): Promise<SegmentReader | null> {
  try {
    return await openSegment(ports, dir, first);
  } catch (error) {
    if (!(error instanceof SigilError) || error.code !== "SIGIL_SPOOL_CORRUPT") throw error;
    faults.add("not_regular", error.message, { segment: stemOf(first) });
    return null;
  }
}

class SegmentVerification {
  readonly #ports: ReaderPorts;
  readonly #dir: string;
  readonly #faults: FaultList;
  readonly #expected: Expectation;
  readonly #reader: SegmentReader;
  readonly #segment: string;

  constructor(
    ports: ReaderPorts,
    dir: string,
    faults: FaultList,
    expected: Expectation,
    reader: SegmentReader,
  ) {
    this.#ports = ports;
    this.#dir = dir;
    this.#faults = faults;
    this.#expected = expected;
    this.#reader = reader;
    this.#segment = stemOf(expected.first);
  }

  async run(): Promise<SegmentVerdict> {
    const { first, next, manifest } = this.#expected;
    const { hasIndex, records } = this.#reader;
    if (!hasIndex) this.#fault("index_missing", "there is no index");
    const count = this.#count();
    const walked = await this.#walk(count);
    if (hasIndex && records < count) {
      this.#fault("line_missing", `there are at most ${records} of ${count} lines`);
    }
    const isClosed = next !== null || manifest !== null;
    if (isClosed) await this.#checkEnd(count, walked.end);
    if (manifest !== null) await this.#checkManifest(manifest);
    return { last: first + count - 1, lines: walked.lines, bytes: walked.bytes };
  }

  /** How many lines there should be. */
  #count(): number {
    const { first, next, manifest, mark } = this.#expected;
    if (manifest !== null) return manifest.count;
    if (next !== null) return next - first;
    return mark === null ? this.#reader.records : Math.max(0, mark - first + 1);
  }

  async #walk(count: number) {
    const { cursor, first } = this.#reader;
    let lines = 0;
    let bytes = 0;
    let end = 0;
    while (cursor.place.ordinal < count) {
      const item = await cursor.next();
      if (item === null) break;
      end = cursor.place.offset;
      const sequence = first + item.ordinal;
      if (item.kind === "lost") {
        const kind = item.reason === "missing" ? "line_missing" : "line_corrupt";
        this.#fault(kind, "the line does not match its index record", sequence);
        continue;
      }
      lines += 1;
      bytes += item.bytes.length + 1;
      if (item.damage === "index") this.#fault("index_damaged", "wrong length", sequence);
      if (item.damage === "newline") this.#fault("newline_damaged", "no newline", sequence);
    }
    return { lines, bytes, end };
  }

  async #checkEnd(count: number, end: number): Promise<void> {
    const { manifest } = this.#expected;
    const { size } = this.#reader;
    const bytes = manifest?.bytes ?? end;
    if (size > bytes) this.#fault("trailing_bytes", `${size - bytes} bytes after the last line`);
    const facts = await this.#ports.files.lstat(partPath(this.#dir, this.#expected.first, "idx"));
    if (facts !== null && facts.size > count * RECORD_BYTES) {
      this.#fault("index_length", `${facts.size} bytes for ${count} lines`);
    }
  }

  async #checkManifest(manifest: Manifest): Promise<void> {
    const { first, next } = this.#expected;
    const { first_sequence, last_sequence, count, bytes } = manifest;
    if (last_sequence - first_sequence + 1 !== count) {
      this.#fault("manifest_mismatch", "its counts disagree");
    }
    if (next !== null && next <= last_sequence) {
      this.#fault("sequence_gap", `ends at ${last_sequence}, but ${next} follows`);
    }
    const path = partPath(this.#dir, first, "jsonl");
    const digest = await digestFile(this.#ports.files, path, this.#ports.hash, bytes);
    if (digest !== manifest.blake3) {
      const why = digest === null ? "the segment is shorter" : "the bytes have another digest";
      this.#fault("segment_digest", `${why} than the manifest says`);
    }
  }

  #fault(kind: Parameters<FaultList["add"]>[0], detail: string, sequence?: number): void {
    this.#faults.add(kind, detail, { segment: this.#segment, sequence: sequence ?? null });
  }
}
