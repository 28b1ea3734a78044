import { Buffer } from "node:buffer";
import { errnoOf } from "@sigil/core/plain";
import { clearTheWay } from "./aside.ts";
import { unlinkIfThere } from "./atomic-file.ts";
import { quietly } from "./error.ts";
import type { SpoolFiles, SpoolHandle } from "./files.ts";
import { partPath } from "./layout.ts";
import { hex } from "./manifest.ts";
import type { SpoolHash, SpoolHasher } from "./ports.ts";
import { RECORD_BYTES, writeRecord } from "./record.ts";

const NEWLINE = 0x0a;

/** Lines as they go to disk: with newlines, and with their index records. */
export type Encoded = { readonly data: Buffer; readonly index: Buffer; readonly count: number };

export function encodeLines(lines: readonly Uint8Array[], bytes: number, hash: SpoolHash): Encoded {
  const data = Buffer.allocUnsafe(bytes + lines.length);
  const index = Buffer.allocUnsafe(lines.length * RECORD_BYTES);
  let at = 0;
  for (const [ordinal, line] of lines.entries()) {
    writeRecord(index, ordinal * RECORD_BYTES, line.length, hash.digest(line));
    data.set(line, at);
    data[at + line.length] = NEWLINE;
    at += line.length + 1;
  }
  return { data, index, count: lines.length };
}

export type CommitOutcome =
  | { readonly kind: "durable" }
  /** Nothing of the group is left; the segment takes the next one. */
  | { readonly kind: "rolled_back"; readonly cause: unknown }
  /** The segment must not be written again; what was acknowledged before stays. */
  | { readonly kind: "abandoned"; readonly cause: unknown };

/** Which files were at the paths when the handles were new. */
type Ids = { readonly jsonl: string | null; readonly idx: string | null };

type Handles = { readonly data: SpoolHandle; readonly index: SpoolHandle; readonly ids: Ids };

/** The one segment that takes lines. `count` and `bytes` cover acknowledged lines only. */
export class Segment {
  readonly first: number;
  openedAt: number;
  #count: number;
  #bytes: number;
  readonly #handles: Handles;
  // Null when the digest has to be read back: after a resume or a failed sync.
  #hasher: SpoolHasher | null;

  constructor(first: number, openedAt: number, handles: Handles, hasher: SpoolHasher | null) {
    this.first = first;
    this.openedAt = openedAt;
    this.#handles = handles;
    this.#hasher = hasher;
    this.#count = 0;
    this.#bytes = 0;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Continues after lines that are already durable. */
  resumeAt(count: number, bytes: number): void {
    this.#count = count;
    this.#bytes = bytes;
  }

  async commit(group: Encoded): Promise<CommitOutcome> {
    try {
      await this.#handles.data.write(group.data, this.#bytes);
      await this.#handles.index.write(group.index, this.#count * RECORD_BYTES);
    } catch (cause) {
      return { kind: (await this.#rollBack()) ? "rolled_back" : "abandoned", cause };
    }
    const failure = await this.#sync(group);
    if (failure !== null) return failure;
    this.#count += group.count;
    this.#bytes += group.data.length;
    return { kind: "durable" };
  }

  async #sync(group: Encoded): Promise<CommitOutcome | null> {
    const syncs = Promise.allSettled([
      this.#handles.data.datasync(),
      this.#handles.index.datasync(),
    ]);
    this.#hasher?.update(group.data);
    const failed = (await syncs).find((result) => result.status === "rejected");
    if (failed === undefined) return null;
    // The kernel may have marked the failed pages clean: a second sync would prove nothing.
    this.#hasher = null;
    await this.#rollBack();
    await quietly(async () => await this.#handles.index.datasync());
    await quietly(async () => await this.#handles.data.datasync());
    return { kind: "abandoned", cause: failed.reason };
  }

  async #rollBack(): Promise<boolean> {
    return await quietly(async () => {
      await this.#handles.index.truncate(this.#count * RECORD_BYTES);
      await this.#handles.data.truncate(this.#bytes);
    });
  }

  /** True when the file that is written is at its path: it was not removed, and no other is in its place. */
  async isAt(files: SpoolFiles, dir: string, part: "jsonl" | "idx"): Promise<boolean> {
    const there = await idAt(files, dir, this.first, part);
    return there !== null && there === this.#handles.ids[part];
  }

  /** Ends writing. Returns the digest of the acknowledged bytes where it is at hand. */
  async close(): Promise<string | null> {
    const digest = this.#hasher === null ? null : hex(this.#hasher.digest());
    this.#hasher = null;
    await quietly(async () => await this.#handles.data.close());
    await quietly(async () => await this.#handles.index.close());
    return digest;
  }
}

/**
 * Taken before the first line: a file put in the place of another later is never taken for it. Looks are compared with
 * each other, since not every system names an open file as it names a path.
 */
async function idsAt(files: SpoolFiles, dir: string, first: number): Promise<Ids> {
  return {
    jsonl: await idAt(files, dir, first, "jsonl"),
    idx: await idAt(files, dir, first, "idx"),
  };
}

async function idAt(
  files: SpoolFiles,
  dir: string,
  first: number,
  part: "jsonl" | "idx",
): Promise<string | null> {
  const there = await files.lstat(partPath(dir, first, part));
  return there?.kind === "file" ? there.id : null;
}

/**
 * Makes both files and their names durable before any line goes in: no reader can see a line in a
 * file that a power cut would remove.
 */
export async function createSegment(
  files: SpoolFiles,
  dir: string,
  first: number,
  now: number,
  hash: SpoolHash,
): Promise<Segment> {
  const data = await createFresh(files, dir, first, "jsonl");
  try {
    const index = await createFresh(files, dir, first, "idx");
    try {
      const ids = await idsAt(files, dir, first);
      await files.syncDir(dir);
      return new Segment(first, now, { data, index, ids }, hash.create());
    } catch (error) {
      await quietly(async () => await index.close());
      throw error;
    }
  } catch (error) {
    await quietly(async () => await data.close());
    await removeSegment(files, dir, first);
    throw error;
  }
}

async function createFresh(
  files: SpoolFiles,
  dir: string,
  first: number,
  part: "jsonl" | "idx",
): Promise<SpoolHandle> {
  const path = partPath(dir, first, part);
  try {
    return await files.create(path);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
    // Rests of a failed attempt by this very producer: nothing in it was acknowledged, since the
    // name is the next sequence. A new inode, because the old one's cached pages may be bad.
    await clearTheWay({ files, dir }, first, part);
    await unlinkIfThere(files, path);
    return await files.create(path);
  }
}

/** Opens the last segment again after recovery. */
export async function resumeSegment(
  files: SpoolFiles,
  dir: string,
  at: { readonly first: number; readonly count: number; readonly bytes: number },
  now: number,
): Promise<Segment> {
  const data = await files.openWrite(partPath(dir, at.first, "jsonl"));
  let index: SpoolHandle | null = null;
  try {
    index = await files.openWrite(partPath(dir, at.first, "idx"));
    const ids = await idsAt(files, dir, at.first);
    const { mtime_ms } = await data.stat();
    const segment = new Segment(at.first, Math.min(now, mtime_ms), { data, index, ids }, null);
    segment.resumeAt(at.count, at.bytes);
    return segment;
  } catch (error) {
    await quietly(async () => await index?.close());
    await quietly(async () => await data.close());
    throw error;
  }
}

/** Removes a segment that holds no acknowledged line; what cannot be removed stays harmless. */
export async function removeSegment(files: SpoolFiles, dir: string, first: number): Promise<void> {
  await quietly(async () => await unlinkIfThere(files, partPath(dir, first, "jsonl")));
  await quietly(async () => await unlinkIfThere(files, partPath(dir, first, "idx")));
  await quietly(async () => await files.syncDir(dir));
}
