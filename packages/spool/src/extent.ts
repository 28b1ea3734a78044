import { spoolError } from "./error.ts";
import { readIdentity } from "./identity.ts";
import {
  LEAP_MAX,
  listSpool,
  newestManifest,
  segmentsOf,
  type Listing,
  type Stem,
} from "./layout.ts";
import { readManifest } from "./manifest.ts";
import { readMark } from "./mark.ts";
import { openSegment, type ReaderPorts } from "./reader.ts";

/** @throws SIGIL_SPOOL_ABSENT, SIGIL_SPOOL_CORRUPT when `spool.json` cannot be read */
export async function requireIdentity({ files }: ReaderPorts, dir: string): Promise<string> {
  const outcome = await readIdentity(files, dir);
  if (outcome.kind === "read") return outcome.spool_id;
  const context = { context: { dir } };
  if (outcome.kind === "absent") {
    throw spoolError("SIGIL_SPOOL_ABSENT", `there is no spool at ${dir}`, context);
  }
  throw spoolError("SIGIL_SPOOL_CORRUPT", `spool.json of ${dir} is damaged`, context);
}

/** A segment that far past the mark was made by no producer, and the next one moves it aside. */
function lastSegment(listing: Listing, mark: number | null): Stem | undefined {
  const end = mark === null ? Infinity : mark + LEAP_MAX;
  return segmentsOf(listing).findLast((stem) => stem.first <= end);
}

/** Last sequence of all closed segments; 0 when there is none. */
async function lastClosed(
  ports: ReaderPorts,
  dir: string,
  listing: Listing,
  mark: number | null,
): Promise<number> {
  const before = (lastSegment(listing, mark)?.first ?? 1) - 1;
  const newest = newestManifest(listing);
  if (newest === null) return before;
  const outcome = await readManifest(ports.files, dir, ports.hash, newest);
  return outcome.kind === "read" ? Math.max(before, outcome.manifest.last_sequence) : before;
}

/**
 * Last sequence on disk by any witness: mark, manifests, or the index of the last segment. Lines
 * after the mark may be taken back by a failed commit; nothing may be acknowledged on their word.
 */
export async function lastWritten(
  ports: ReaderPorts,
  dir: string,
  spoolId: string,
): Promise<number> {
  const mark = await readMark(ports.files, dir, ports.hash, spoolId);
  const listing = await listSpool(ports.files, dir);
  const closed = await lastClosed(ports, dir, listing, mark);
  const last = lastSegment(listing, mark);
  if (last === undefined || last.first <= closed) return Math.max(mark ?? 0, closed);
  const reader = await openSegment(ports, dir, last.first);
  const indexed = reader === null ? 0 : last.first + reader.records - 1;
  await reader?.close();
  return Math.max(mark ?? 0, closed, indexed);
}

/**
 * The last sequence that a consumer may read. Without a mark of this spool (a power cut before it was
 * ever written back) closed segments are safe.
 * @throws SIGIL_SPOOL_REPLACED when another spool took its place
 */
export async function readable(ports: ReaderPorts, dir: string, spoolId: string): Promise<number> {
  const mark = await readMark(ports.files, dir, ports.hash, spoolId);
  if (mark !== null) return mark;
  const now = await requireIdentity(ports, dir);
  if (now !== spoolId) {
    const message = `${dir} now holds spool ${now}`;
    throw spoolError("SIGIL_SPOOL_REPLACED", message, { context: { dir, spool_id: now } });
  }
  return await lastClosed(ports, dir, await listSpool(ports.files, dir), null);
}
