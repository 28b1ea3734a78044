import type { Buffer } from "node:buffer";

/** An index record: u32 LE length of the line without its newline, then 8 bytes of its digest. */
export const RECORD_BYTES = 12;
const PREFIX_BYTES = 8;
const LENGTH_BYTES = 4;

export type IndexRecord = {
  /** Bytes of the line, without the newline. 0 marks a record that was never written. */
  readonly length: number;
  readonly prefix: Buffer;
};

export function writeRecord(into: Buffer, at: number, length: number, digest: Uint8Array): void {
  into.writeUInt32LE(length, at);
  into.set(digest.subarray(0, PREFIX_BYTES), at + LENGTH_BYTES);
}

export function readRecord(from: Buffer, at = 0): IndexRecord {
  return {
    length: from.readUInt32LE(at),
    prefix: from.subarray(at + LENGTH_BYTES, at + RECORD_BYTES),
  };
}

export function provenBy(record: IndexRecord, digest: Uint8Array): boolean {
  return record.prefix.equals(digest.subarray(0, PREFIX_BYTES));
}
