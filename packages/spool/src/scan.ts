import type { Buffer } from "node:buffer";
import { SigilError } from "@sigil/core/plain";
import type { CursorItem, Standing } from "./cursor.ts";
import { coded } from "./error.ts";
import { listSpool, segmentsOf } from "./layout.ts";
import { openSegment, type ReaderPorts, type SegmentReader } from "./reader.ts";

/** Why lines are not there: `evicted` by retention, `corrupt` bytes, or bytes `missing`. */
export type GapReason = "evicted" | "corrupt" | "missing";

export type Gap = { readonly from: number; readonly to: number; readonly reason: GapReason };

/** A known place in a segment, to go on from. */
export type Spot = { readonly segment: number; readonly standing: Standing };

/** `after`: where to go on after it; null where that is in no segment that can be read. */
export type ScanItem =
  | {
      readonly kind: "line";
      readonly sequence: number;
      readonly bytes: Buffer;
      readonly after: Spot;
    }
  | { readonly kind: "gap"; readonly gap: Gap; readonly after: Spot | null };

export type Span = { readonly from: number; readonly to: number };

/**
 * Every sequence of the span once and in order, as a proven line or inside a gap. Segments may be
 * evicted meanwhile. The caller knows that `to` was written.
 * @throws SIGIL_SPOOL_IO
 */
export async function* scan(
  ports: ReaderPorts,
  dir: string,
  span: Span,
  spot: Spot | null = null,
): AsyncGenerator<ScanItem, void, undefined> {
  let from = span.from;
  let firsts = await listFirsts(ports, dir);
  while (from <= span.to) {
    const at = firsts.findLastIndex((first) => first <= from);
    const to = Math.min(span.to, (firsts[at + 1] ?? Infinity) - 1);
    const segment = firsts[at];
    if (segment === undefined) {
      yield { kind: "gap", gap: { from, to, reason: "evicted" }, after: null };
    } else if (!(yield* scanSegment(ports, dir, segment, { from, to }, spot))) {
      // Evicted since it was listed. It is left out, so that this ends.
      const gone = segment;
      firsts = (await listFirsts(ports, dir)).filter((first) => first !== gone);
      continue;
    }
    from = to + 1;
  }
}

async function listFirsts(ports: ReaderPorts, dir: string): Promise<readonly number[]> {
  const listing = await coded("cannot list the spool", async () => {
    return await listSpool(ports.files, dir);
  });
  return segmentsOf(listing).map((stem) => stem.first);
}

/** False when the segment is gone. */
async function* scanSegment(
  ports: ReaderPorts,
  dir: string,
  segment: number,
  span: Span,
  spot: Spot | null,
): AsyncGenerator<ScanItem, boolean, undefined> {
  const reader = await openOrCorrupt(ports, dir, segment, span.to - segment + 1);
  if (reader === null) return false;
  if (reader === "corrupt") {
    yield { kind: "gap", gap: { ...span, reason: "corrupt" }, after: null };
    return true;
  }
  try {
    yield* scanReader(reader, span, spot?.segment === segment ? spot.standing : null);
    return true;
  } finally {
    await reader.close();
  }
}

async function* scanReader(
  { cursor, first }: SegmentReader,
  span: Span,
  standing: Standing | null,
): AsyncGenerator<ScanItem, void, undefined> {
  const start = Math.min(span.from - first, cursor.count);
  let from = first + start;
  await coded("cannot read a segment", async () => await cursor.seek(start, standing));
  const step = async () => await coded("cannot read a segment", async () => await cursor.next());
  for (let item = await step(); item !== null; item = await step()) {
    from = first + item.ordinal + 1;
    yield toScanItem(item, { segment: first, standing: cursor.standing });
  }
  const missing = Math.max(from, span.from);
  if (missing <= span.to) {
    yield { kind: "gap", gap: { from: missing, to: span.to, reason: "missing" }, after: null };
  }
}

function toScanItem(item: CursorItem, after: Spot): ScanItem {
  const sequence = after.segment + item.ordinal;
  if (item.kind === "line") return { kind: "line", sequence, bytes: item.bytes, after };
  return { kind: "gap", gap: { from: sequence, to: sequence, reason: item.reason }, after };
}

async function openOrCorrupt(
  ports: ReaderPorts,
  dir: string,
  first: number,
  count: number,
): Promise<SegmentReader | "corrupt" | null> {
  try {
    return await openSegment(ports, dir, first, count);
  } catch (error) {
    if (error instanceof SigilError && error.code === "SIGIL_SPOOL_CORRUPT") return "corrupt";
    throw error;
  }
}

/** Adds a gap, joining it with the one before where it goes on. */
export function addGap(gaps: Gap[], gap: Gap): void {
  const last = gaps.at(-1);
  if (last !== undefined && last.reason === gap.reason && last.to === gap.from - 1) {
    gaps[gaps.length - 1] = { ...last, to: gap.to };
  } else gaps.push(gap);
}
