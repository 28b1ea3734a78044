import { join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { keepAside, moveAside, moveIrregulars, moveReported } from "./aside.ts";
import { unlinkIfThere } from "./atomic-file.ts";
import { checkLeft, quietly } from "./error.ts";
import { readIdentity, writeIdentity } from "./identity.ts";
import { keepTail, type KeepContext } from "./keep.ts";
import {
  IDENTITY_NAME,
  LEAP_MAX,
  listSpool,
  MAX_SEQUENCE,
  newestManifest,
  partPath,
  segmentsOf,
  stemOf,
  type Listing,
  type Stem,
} from "./layout.ts";
import { readManifest } from "./manifest.ts";
import { readMark } from "./mark.ts";
import { openSegment, type SegmentReader } from "./reader.ts";
import { RECORD_BYTES } from "./record.ts";
import { removeSegment } from "./segment.ts";
import type { Unsealed } from "./seal.ts";
import { checkTail, type TailCheck } from "./tail-check.ts";

/** What a producer starts from. */
export type SpoolState = {
  readonly spoolId: string;
  /** Digest of the newest manifest. */
  readonly head: string | null;
  /** Sequence of the next line: above everything that was ever acknowledged. */
  readonly next: number;
  /** The last segment, where it can take more lines. */
  readonly resume: {
    readonly first: number;
    readonly count: number;
    readonly bytes: number;
  } | null;
  /** Closed segments without a manifest, oldest first. */
  readonly unsealed: readonly Unsealed[];
};

/**
 * Brings a spool back after any end of its last producer. Work is bounded: the listing, the newest
 * manifest and the last segment are read, nothing else. The caller holds the lock.
 * @throws SIGIL_SPOOL_FULL, SIGIL_SPOOL_IO, SIGIL_SPOOL_CORRUPT, SIGIL_SPOOL_SPENT
 */
export async function recoverSpool(context: KeepContext): Promise<SpoolState> {
  const { files, dir } = context;
  await moveIrregulars(context);
  await removeLeftovers(context, await listSpool(files, dir));
  const listing = await listSpool(files, dir);
  const newest = await newestValid(context, listing);
  const spoolId = await identify(context, newest?.spoolId ?? null);
  const mark = await readMark(files, dir, context.hash, spoolId);
  const segments = segmentsOf(listing);
  const open = segments.findLast((stem) => stem.first > (newest?.first ?? 0));
  const known = mark === null && newest === null ? null : Math.max(mark ?? 0, newest?.last ?? 0);
  if (await moveLeaps(context, segments, known)) return await recoverSpool(context);
  const tail = open === undefined ? null : await recoverLast(context, open.first, mark);
  const last = Math.max(tail?.last ?? 0, newest?.last ?? 0);
  if (mark !== null && mark > last) {
    context.report({ kind: "lines_missing", from: last + 1, to: mark });
  }
  const next = Math.max(last, mark ?? 0) + 1;
  checkLeft(next);
  const resume = tail?.state?.resumable === true && tail.last + 1 === next ? tail.state : null;
  const closed = closedWithoutManifest(context, listing, newest?.first ?? 0, open?.first ?? 0);
  const ended = resume === null && tail?.state ? [{ ...tail.state, digest: null }] : [];
  const head = newest?.digest ?? null;
  return { spoolId, head, next, resume, unsealed: [...closed, ...ended] };
}

/**
 * Moves what no producer made out of the way, newest first: its name must not use up the sequences between.
 * @param known the last sequence by mark or manifest; null without either
 * @returns whether anything was moved
 */
async function moveLeaps(
  context: KeepContext,
  segments: readonly Stem[],
  known: number | null,
): Promise<boolean> {
  let moved = false;
  for (const { first } of segments.toReversed()) {
    if (!(await isLeap(context, first, known))) break;
    const file = `${stemOf(first)}.jsonl`;
    context.report({ kind: "moved_aside", file, to: await moveAside(context, file) });
    moved = true;
  }
  return moved;
}

async function isLeap(context: KeepContext, first: number, known: number | null): Promise<boolean> {
  if (first <= (known ?? 0) + LEAP_MAX) return false;
  // Without mark and manifest only a line of its own speaks for it, and nothing for one at the end of all numbers: files
  // beside each other do not vouch for each other.
  if (known !== null || first > MAX_SEQUENCE - LEAP_MAX) return true;
  return !(await hasLine(context, first));
}

async function hasLine(context: KeepContext, first: number): Promise<boolean> {
  let reader: SegmentReader | null = null;
  try {
    reader = await openSegment(context, context.dir, first, 1);
    return (await reader?.cursor.next())?.kind === "line";
  } catch (error) {
    if (errnoOf(error) === "SIGIL_SPOOL_CORRUPT") return false;
    throw error;
  } finally {
    await reader?.close();
  }
}

/** Temporary files, and what an interrupted eviction left (`.jsonl` goes first). */
async function removeLeftovers(context: KeepContext, listing: Listing): Promise<void> {
  const { files, dir } = context;
  const newest = newestManifest(listing);
  const paths = listing.temps.map((name) => join(dir, name));
  for (const stem of listing.stems.filter((known) => !known.data)) {
    if (stem.index) paths.push(partPath(dir, stem.first, "idx"));
    // The newest manifest is the chain head and says where the sequence goes on.
    if (stem.manifest && stem.first !== newest)
      paths.push(partPath(dir, stem.first, "manifest.json"));
  }
  for (const path of paths) {
    const file = path.slice(dir.length + 1);
    if (await quietly(async () => await unlinkIfThere(files, path))) {
      context.report({ kind: "leftover_removed", file });
      // A directory under such a name would fail every later write of that file.
    } else if ((await files.lstat(path))?.kind === "directory") {
      context.report({ kind: "moved_aside", file, to: await moveAside(context, file) });
    }
  }
  await files.syncDir(dir);
}

type Newest = {
  readonly first: number;
  readonly last: number;
  readonly digest: string;
  readonly spoolId: string;
};

async function newestValid(context: KeepContext, listing: Listing): Promise<Newest | null> {
  const { files, dir, hash } = context;
  for (const { first } of listing.stems.filter((stem) => stem.manifest).toReversed()) {
    const outcome = await readManifest(files, dir, hash, first);
    if (outcome.kind === "read") {
      const { last_sequence: last, spool_id: spoolId } = outcome.manifest;
      return { first, last, digest: outcome.digest, spoolId };
    }
    // A file is left in place: the next seal replaces it.
    await moveReported(context, `${stemOf(first)}.manifest.json`);
    context.report({ kind: "manifest_corrupt", segment: stemOf(first) });
  }
  return null;
}

async function identify(context: KeepContext, fromManifest: string | null): Promise<string> {
  const { files, dir, clock } = context;
  const known = await readIdentity(files, dir);
  if (known.kind === "read") return known.spool_id;
  if (known.kind === "invalid") await keepAside(context, IDENTITY_NAME);
  const spoolId = await writeIdentity(files, dir, clock, fromManifest ?? undefined);
  if (fromManifest !== null) context.report({ kind: "identity_restored", spool_id: spoolId });
  else if (known.kind === "invalid") {
    context.report({ kind: "identity_replaced", spool_id: spoolId });
  }
  return spoolId;
}

function closedWithoutManifest(
  context: KeepContext,
  listing: Listing,
  after: number,
  before: number,
): readonly Unsealed[] {
  const firsts = segmentsOf(listing).map((stem) => stem.first);
  return firsts.flatMap((first, at) => {
    const next = firsts[at + 1];
    if (first <= after || first >= before || next === undefined) return [];
    context.report({ kind: "manifest_missing", segment: stemOf(first) });
    return [{ first, count: next - first, bytes: null, digest: null }];
  });
}

type Tail = {
  readonly last: number;
  /** Null when nothing of it was kept. */
  readonly state: {
    readonly first: number;
    readonly count: number;
    readonly bytes: number;
    readonly resumable: boolean;
  } | null;
};

async function recoverLast(
  context: KeepContext,
  first: number,
  mark: number | null,
): Promise<Tail> {
  const reader = await openSegment(context, context.dir, first);
  if (reader === null) return { last: 0, state: null };
  try {
    const check = await checkTail(reader, mark);
    for (const range of check.corrupt) {
      context.report({ kind: "corrupt_line", segment: stemOf(first), ...range });
    }
    const trimmed = await trim(context, reader, check);
    if (check.count > 0) {
      const { count, bytes, sound } = check;
      return {
        last: first + count - 1,
        state: { first, count, bytes, resumable: sound && trimmed },
      };
    }
    if (trimmed) await removeSegment(context.files, context.dir, first);
    return { last: first - 1, state: null };
  } finally {
    await reader.close();
  }
}

/**
 * Cuts what is not kept, after the quarantine has it, and makes the rest durable: a killed producer's
 * last writes may be in the page cache only. False when there was no room to keep the tail: then it
 * stays where it is, past the end that the next segment's name sets.
 */
async function trim(
  context: KeepContext,
  reader: SegmentReader,
  check: TailCheck,
): Promise<boolean> {
  const { first, size } = reader;
  const segment = stemOf(first);
  if (size > check.bytes && !(await keepTail(context, reader, check.bytes))) return false;
  const { files, dir, report } = context;
  const dropped = await cut(files, partPath(dir, first, "idx"), check.count * RECORD_BYTES);
  await cut(files, partPath(dir, first, "jsonl"), check.bytes);
  if (dropped > 0) report({ kind: "index_repaired", segment, bytes: dropped });
  return true;
}

async function cut(files: KeepContext["files"], path: string, length: number): Promise<number> {
  if ((await files.lstat(path)) === null) return 0;
  const handle = await files.openWrite(path);
  try {
    const { size } = await handle.stat();
    if (size > length) await handle.truncate(length);
    await handle.datasync();
    return Math.max(0, size - length);
  } finally {
    await handle.close();
  }
}
