import type { CursorItem } from "./cursor.ts";
import { extend, type Range } from "./ranges.ts";
import type { SegmentReader } from "./reader.ts";

/** What recovery keeps of the last segment. */
export type TailCheck = {
  /** Lines, and where the last one ends. */
  readonly count: number;
  readonly bytes: number;
  /** Every kept line is as it was written. */
  readonly sound: boolean;
  /** Kept lines that readers will skip. */
  readonly corrupt: readonly Range[];
};

/**
 * Reads the last segment once. Up to the mark every line was acknowledged: damage there is kept in
 * place and costs its own line only. After the mark lie at most commits that a crash interrupted:
 * the first line that is not whole ends them, and no sound line follows it that was acknowledged.
 * Without a mark only what no sound line follows is cut.
 */
export async function checkTail(reader: SegmentReader, mark: number | null): Promise<TailCheck> {
  const { cursor, first } = reader;
  const corrupt: Range[] = [];
  let kept = { count: 0, bytes: 0 };
  let sound = true;
  for (let item = await cursor.next(); item !== null; item = await cursor.next()) {
    const sequence = first + item.ordinal;
    const whole = item.kind === "line" && item.damage === null;
    if (!whole && mark !== null && sequence > mark) break;
    sound &&= whole;
    if (item.kind === "lost") extend(corrupt, sequence);
    if (staysIn(item, mark, sequence))
      kept = { count: item.ordinal + 1, bytes: cursor.place.offset };
  }
  const last = first + kept.count - 1;
  return { ...kept, sound, corrupt: upTo(corrupt, last) };
}

function staysIn(item: CursorItem, mark: number | null, sequence: number): boolean {
  if (item.kind === "line") return true;
  return item.reason === "corrupt" && mark !== null && sequence <= mark;
}

function upTo(ranges: readonly Range[], last: number): readonly Range[] {
  return ranges
    .filter((range) => range.from <= last)
    .map((range) => ({ from: range.from, to: Math.min(range.to, last) }));
}
