import type { LedgerGap } from "./model.ts";

/** A range of sequences that is not stored. `since`: milliseconds. */
export type Gap = {
  readonly from: number;
  readonly to: number;
  readonly reason: LedgerGap["reason"];
  readonly since: number;
};

/** A part of a batch's range: lines it has (`reason` null), or sequences it says why it has not. */
export type Part = {
  readonly from: number;
  readonly to: number;
  readonly reason: Exclude<LedgerGap["reason"], "missing_batch"> | null;
};

/** A hole in a batch; in order, apart from each other. */
export type Hole = Part & { readonly reason: NonNullable<Part["reason"]> };

/** The whole range of a batch, in order: its holes and the lines between them. */
export function partsOf(first: number, last: number, holes: readonly Hole[]): Part[] {
  const parts: Part[] = [];
  let next = first;
  for (const hole of holes) {
    if (hole.from > next) parts.push({ from: next, to: hole.from - 1, reason: null });
    parts.push(hole);
    next = hole.to + 1;
  }
  if (next <= last) parts.push({ from: next, to: last, reason: null });
  return parts;
}

/**
 * The gaps of a spool after a batch. Lines close what they fill, whatever it was; a hole gives a missing batch its
 * reason; below `highest` nothing that was received becomes a gap again.
 * @param highest last sequence received before
 * @param gaps in order and apart, those that touch the batch (neighbors too, so that equal ones become one)
 * @param parts of {@link partsOf}, at least one
 */
export function applyParts(
  highest: number,
  gaps: readonly Gap[],
  parts: readonly Part[],
  since: number,
): Gap[] {
  const after: Gap[] = [];
  let at = 0;
  for (const gap of gaps) {
    while ((parts[at]?.to ?? Infinity) < gap.from) at += 1;
    at = splitGap(gap, parts, at, after);
  }
  const first = parts[0]?.from ?? highest + 1;
  if (first > highest + 1)
    push(after, { from: highest + 1, to: first - 1, reason: "missing_batch", since });
  for (const { from, to, reason } of parts) {
    if (reason !== null && to > highest)
      push(after, { from: Math.max(from, highest + 1), to, reason, since });
  }
  return after;
}

/** Pushes what parts from `at` on leave of a gap. @returns the last part looked at, which may reach into the next gap */
function splitGap(gap: Gap, parts: readonly Part[], at: number, after: Gap[]): number {
  let next = gap.from;
  let index = at;
  for (let part = parts[index]; part && part.from <= gap.to; part = parts[index]) {
    const from = Math.max(next, part.from);
    const to = Math.min(gap.to, part.to);
    if (from > next) push(after, { ...gap, from: next, to: from - 1 });
    if (part.reason !== null) push(after, { ...gap, from, to, reason: renamed(gap, part.reason) });
    next = to + 1;
    if (part.to > gap.to) break;
    index += 1;
  }
  if (next <= gap.to) push(after, { ...gap, from: next });
  return index;
}

function renamed(gap: Gap, reason: Gap["reason"]): Gap["reason"] {
  return gap.reason === "missing_batch" ? reason : gap.reason;
}

function push(gaps: Gap[], gap: Gap): void {
  const last = gaps.at(-1);
  if (last && last.reason === gap.reason && last.to + 1 === gap.from)
    gaps[gaps.length - 1] = { ...last, to: gap.to, since: Math.min(last.since, gap.since) };
  else gaps.push(gap);
}

/** Holes of both lists in order; where they meet (a sender cannot declare a line a gap) the first list's stays. */
export function mergeHoles(holes: readonly Hole[], sequences: readonly number[]): Hole[] {
  if (sequences.length === 0) return [...holes];
  const single = sequences.map((at): Hole => ({ from: at, to: at, reason: "quarantined" }));
  return [...holes, ...single].sort((a, b) => a.from - b.from);
}

/** Says of ascending sequences whether they were received before. */
export function receivedBefore(
  highest: number,
  gaps: readonly Gap[],
): (sequence: number) => boolean {
  let at = 0;
  return (sequence) => {
    if (sequence > highest) return false;
    while ((gaps[at]?.to ?? Infinity) < sequence) at += 1;
    const gap = gaps[at];
    return gap === undefined || gap.from > sequence;
  };
}
