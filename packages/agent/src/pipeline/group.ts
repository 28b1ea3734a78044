import { errnoOf } from "@sigil/core/plain";
import type { Entry } from "./record.ts";

/** Entries that are written together, each with its line. */
export type Group = readonly { readonly entry: Entry; readonly line: Buffer | null }[];

/** Below what the spool takes in one append: a group that it refuses for its size would be refused for ever. */
const GROUP_MAX_BYTES = 4 * 1024 * 1024;

/** As many of the entries as the spool takes at once, with their lines; at least one. */
export function fitting(entries: readonly Entry[]): Group {
  const group: { entry: Entry; line: Buffer | null }[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const line = typeof entry.line === "function" ? entry.line() : entry.line;
    bytes += line === null ? 0 : line.length + 1;
    if (group.length > 0 && bytes > GROUP_MAX_BYTES) break;
    group.push({ entry, line });
  }
  return group;
}

export function linesOf(group: Group): readonly Buffer[] {
  return group.flatMap(({ line }) => (line === null ? [] : [line]));
}

const REFUSED =
  /^SIGIL_SPOOL_(?:LINE|LINE_TOO_LARGE|APPEND_TOO_LARGE)$|^SQLITE_(?:TOOBIG|MISMATCH|CONSTRAINT)/;

/** True for what is wrong with the entry itself, and would be again at each try; a disk can get better. */
export function isRefused(channel: "spool" | "state", error: unknown): boolean {
  if (REFUSED.test(errnoOf(error) ?? "")) return true;
  // A value that cannot be bound to a statement is refused without a code; other misuse, of a busy database, passes.
  const isUnbound = error instanceof TypeError || error instanceof RangeError;
  return channel === "state" && isUnbound && /\bb(?:ou|i)nd\b/.test(error.message);
}

/** The last sequence of an appended range, where the spool tells one. */
export function lastOf(range: unknown): number | null {
  const tells = typeof range === "object" && range !== null && "last" in range;
  return tells && typeof range.last === "number" ? range.last : null;
}
