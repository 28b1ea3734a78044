import { createHash, type Hash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { BytePath } from "./bytes.ts";
import { type Entries, parseEntries } from "./entries.ts";
import { type FileIdentity, readLarge } from "./io.ts";
import type { GitLimits } from "./limits.ts";
import { isUnanswered, type Unanswered, unanswered } from "./reason.ts";

/** The `link` extension: a split index names its base and what changed in it. */
export type Link = {
  /** Checksum and, in hex, file name part of the shared index. */
  readonly base: Buffer;
  /** The two EWAH bitmaps (delete, replace), still encoded; empty when nothing is either. */
  readonly bitmaps: Buffer;
};

/** One index file: its entries and, in a split index, its link. */
export type IndexFile = Pick<Entries, "names" | "nameless" | "sparse"> & {
  readonly link: Link | null;
  readonly checksum: Buffer;
};

/** What was at the path, and which state of the file that was. */
export type LoadedFile = {
  readonly content: IndexFile | Unanswered;
  readonly identity: FileIdentity;
};

/** Reads and decodes one index file; null when absent. Its checksum holds, or it is not answered from. */
export async function loadIndexFile(
  path: BytePath,
  hashBytes: 20 | 32,
  limits: GitLimits,
): Promise<LoadedFile | null | Unanswered> {
  const hash = createHash(hashBytes === 20 ? "sha1" : "sha256");
  const file = await readLarge(path, limits.maxIndexBytes, (chunk, size, at) => {
    // Everything but the checksum itself, which may lie across two chunks.
    hash.update(chunk.subarray(0, Math.max(0, size - hashBytes - at)));
  });
  if (file === null || isUnanswered(file)) return file;
  const content = isSound(file.bytes, hash, hashBytes)
    ? await inSlices(parseIndex(file.bytes, hashBytes, limits))
    : unanswered("corrupt_index");
  return { content, identity: file.identity };
}

function isSound(file: Buffer, hash: Hash, hashBytes: number): boolean {
  const trailer = file.subarray(Math.max(0, file.length - hashBytes));
  // `index.skipHash` writes zeros instead of a checksum.
  return trailer.every((byte) => byte === 0) || hash.digest().equals(trailer);
}

async function inSlices<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await nextTurn();
  }
}

/** Decodes header, entries and extensions (Documentation/gitformat-index); the checksum is not looked at. */
export function* parseIndex(
  file: Buffer,
  hashBytes: 20 | 32,
  limits: GitLimits,
): Generator<undefined, IndexFile | Unanswered, undefined> {
  if (file.length < 12 + hashBytes) return unanswered("corrupt_index");
  if (file.toString("latin1", 0, 4) !== "DIRC") return unanswered("corrupt_index");
  const version = file.readUInt32BE(4);
  if (version < 2 || version > 4) return unanswered("unsupported_format");
  const entries = yield* parseEntries(file, version, hashBytes, limits);
  if (isUnanswered(entries)) return entries;
  const link = findLink(file, entries.next, hashBytes);
  if (isUnanswered(link)) return link;
  const { names, nameless, sparse } = entries;
  // Only a split index has entries without a name.
  if (nameless > 0 && link === null) return unanswered("corrupt_index");
  const checksum = Buffer.from(file.subarray(file.length - hashBytes));
  return { names, nameless, sparse, link, checksum };
}

/** Walks the extensions: an upper-case first letter may be ignored, any other must be understood. */
function findLink(file: Buffer, from: number, hashBytes: number): Link | null | Unanswered {
  const end = file.length - hashBytes;
  let link: Link | null = null;
  for (let at = from; at < end;) {
    if (end - at < 8) return unanswered("corrupt_index");
    const signature = file.toString("latin1", at, at + 4);
    const size = file.readUInt32BE(at + 4);
    if (size > end - at - 8) return unanswered("corrupt_index");
    const body = file.subarray(at + 8, at + 8 + size);
    if (signature === "link") {
      if (size < hashBytes || link !== null) return unanswered("corrupt_index");
      // Copied, so that the small link does not keep the whole file in memory.
      link = {
        base: Buffer.from(body.subarray(0, hashBytes)),
        bitmaps: Buffer.from(body.subarray(hashBytes)),
      };
    } else if (signature !== "sdir" && !/^[A-Z]/u.test(signature)) {
      return unanswered("unsupported_format");
    }
    at += 8 + size;
  }
  // An all-zero base means the index is whole.
  return link?.base.every((byte) => byte === 0) === true ? null : link;
}
