import { exportSpool, tailSpool, type Gap, type SpoolHash } from "@sigil/spool";
import { accepts, lineOf, type EventFilter, type Line } from "./filter.ts";

export interface Selection {
  readonly dir: string;
  readonly hash: SpoolHash;
  readonly filter: EventFilter;
  /** The last so many; null: all. */
  readonly last: number | null;
  readonly onGap: (gap: Gap) => void;
  /** Told of every line read on the way forward, wanted or not. */
  readonly onSeen: (sequence: number) => void;
}

/** Lines looked at in one step back. */
const WINDOW = 4096;

/**
 * The wanted lines, oldest first, in bounded memory: where to begin is found by going back window by window, so
 * that the last few of a large spool cost a few reads.
 * @throws SIGIL_SPOOL_*
 */
export async function* select(want: Selection): AsyncGenerator<Line, void, undefined> {
  const from = await startOf(want);
  if (from === null) return;
  const wanted = matching(want, from);
  if (want.last === null) {
    yield* wanted;
    return;
  }
  let kept: Line[] = [];
  for await (const line of wanted) {
    kept.push(line);
    if (kept.length >= want.last * 2) kept = kept.slice(-want.last);
  }
  yield* kept.slice(-want.last);
}

/** Every wanted line from a sequence on. */
export async function* matching(
  want: Omit<Selection, "last">,
  from: number,
): AsyncGenerator<Line, void, undefined> {
  const { dir, hash, onGap } = want;
  for await (const { sequence, bytes } of exportSpool({ dir, hash, from, onGap })) {
    want.onSeen(sequence);
    const line = lineOf(sequence, bytes);
    if (accepts(want.filter, line)) yield line;
  }
}

type Window = { readonly from: number; readonly lines: readonly Line[]; readonly oldest: boolean };

/** The first sequence that must be read; null when the spool is empty. */
async function startOf(want: Selection): Promise<number | null> {
  let window = await newest(want);
  if (window === null) return null;
  let matched = 0;
  while (!window.oldest) {
    matched += window.lines.filter((line) => accepts(want.filter, line)).length;
    if (want.last !== null && matched >= want.last) break;
    if (want.filter.since !== undefined && allBefore(window.lines, want.filter.since)) break;
    window = await before(want, window.from);
  }
  return window.from;
}

/** A clock that was set back leaves older times above newer ones: one whole window must be before. */
function allBefore(lines: readonly Line[], since: number): boolean {
  return lines.length > 0 && lines.every(({ event }) => event && Date.parse(event.ts) < since);
}

async function newest({ dir, hash, last, filter }: Selection): Promise<Window | null> {
  // Without a filter as many as wanted are enough.
  const plain = Object.values(filter).every((value) => value === undefined);
  const count = plain && last !== null ? Math.min(last, WINDOW) : WINDOW;
  const lines = (await tailSpool(dir, count, { hash })).map((line) =>
    lineOf(line.sequence, line.bytes),
  );
  const [first] = lines;
  // Nothing readable at the end: all there is must be looked through.
  if (!first) return { from: 1, lines, oldest: true };
  return { from: first.sequence, lines, oldest: first.sequence <= 1 };
}

async function before({ dir, hash }: Selection, sequence: number): Promise<Window> {
  const from = Math.max(1, sequence - WINDOW);
  const lines: Line[] = [];
  let evicted = false;
  const onGap = (gap: Gap) => (evicted ||= gap.reason === "evicted");
  for await (const line of exportSpool({ dir, hash, from, to: sequence - 1, onGap }))
    lines.push(lineOf(line.sequence, line.bytes));
  return { from, lines, oldest: from <= 1 || evicted };
}
