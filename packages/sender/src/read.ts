import type { BatchGap } from "@sigil/core";
import type { SpoolLine } from "@sigil/spool";
import type { Source, Waker } from "./ports.ts";

/** A piece of the spool: every sequence from `first` to `last` is a line or in `gaps`. */
export type Load = {
  readonly spoolId: string;
  readonly first: number;
  readonly last: number;
  readonly lines: readonly SpoolLine[];
  readonly gaps: readonly BatchGap[];
};

export type ReadLimits = {
  readonly maxEvents: number;
  /** Of lines with their newlines. */
  readonly maxBytes: number;
  /** Longest wait for more, once there is something. Milliseconds. */
  readonly maxAgeMs: number;
  /** Between two looks when nobody says that there is more. Milliseconds. */
  readonly pollMs: number;
  /** Looks that come to nothing for this long end the wait. Milliseconds. */
  readonly idleMs: number;
};

export type Collecting = {
  readonly source: Pick<Source, "read" | "spoolId">;
  readonly waker: Waker;
  readonly limits: ReadLimits;
  /** False: takes what is there and does not wait. */
  readonly wait: boolean;
  /** Called when there is nothing, each time it looks. */
  readonly onEmpty?: () => void;
};

/** A load this full is sent without waiting for more. */
const FULL = 0.9;

/**
 * The next piece of the spool, of one size: as much as the limits allow, or what came in the time they give.
 * @returns null when there is nothing and it does not wait (or not for longer), or when the signal ended it
 * @throws SIGIL_SPOOL_REPLACED, SIGIL_SPOOL_IO; what was read by then is lost to the reader until it rewinds
 */
export async function collect(asked: Collecting, signal: AbortSignal): Promise<Load | null> {
  const { source, waker, limits } = asked;
  for (let idle = 0; ; idle += limits.pollMs) {
    const load = await readLoad(source, limits);
    if (load !== null) return asked.wait ? await fill(asked, load, signal) : load;
    asked.onEmpty?.();
    if (!asked.wait || signal.aborted || idle >= limits.idleMs) return null;
    await waker.wait(limits.pollMs, signal);
    if (signal.aborted) return null;
  }
}

/** A little later there may be more, which then travels along. */
async function fill(asked: Collecting, load: Load, signal: AbortSignal): Promise<Load> {
  const { source, limits } = asked;
  const bytes = bytesOf(load.lines);
  const steps = load.lines.length + load.gaps.length;
  if (steps >= limits.maxEvents || bytes >= limits.maxBytes * FULL) return load;
  await asked.waker.settle(limits.maxAgeMs, signal);
  const room = { maxEvents: limits.maxEvents - steps, maxBytes: limits.maxBytes - bytes };
  const more = await readLoad(source, room);
  return more === null ? load : join(load, more);
}

async function readLoad(
  source: Collecting["source"],
  room: Pick<ReadLimits, "maxEvents" | "maxBytes">,
): Promise<Load | null> {
  const { spool_id, first, last, lines, gaps } = await source.read({
    maxLines: room.maxEvents,
    maxBytes: room.maxBytes,
  });
  return last < first ? null : { spoolId: spool_id, first, last, lines, gaps };
}

function join(one: Load, two: Load): Load {
  const { spoolId, first } = one;
  const lines = [...one.lines, ...two.lines];
  return { spoolId, first, last: two.last, lines, gaps: [...one.gaps, ...two.gaps] };
}

/** Of lines with their newlines. */
export function bytesOf(lines: readonly SpoolLine[]): number {
  let bytes = 0;
  for (const line of lines) bytes += line.bytes.length + 1;
  return bytes;
}

/** Two loads of half the lines each; null when there are none to part. */
export function halves(load: Load): readonly [Load, Load] | null {
  const middle = load.lines.length >> 1;
  const cut = load.lines[middle]?.sequence;
  if (middle === 0 || cut === undefined) return null;
  return [
    {
      ...load,
      last: cut - 1,
      lines: load.lines.slice(0, middle),
      gaps: load.gaps.filter((gap) => gap.to < cut),
    },
    {
      ...load,
      first: cut,
      lines: load.lines.slice(middle),
      gaps: load.gaps.filter((gap) => gap.from >= cut),
    },
  ];
}

/** The load without its lines, which are kept here because the receiver refuses them. */
export function withheld(load: Load): Load {
  const kept = load.lines.map(
    ({ sequence }) => ({ from: sequence, to: sequence, reason: "quarantined" }) as const,
  );
  const gaps = [...load.gaps, ...kept].toSorted((a, b) => a.from - b.from);
  return { ...load, lines: [], gaps };
}
