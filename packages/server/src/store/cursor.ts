import type { z } from "zod";
import { fail } from "../errors.ts";

/** Longest cursor read. */
const MAX_CURSOR = 8192;

/** Where a page ended, as an opaque text. */
export function writeCursor(store: string, place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([store, ...place])).toString("base64url");
}

/**
 * Reads back what {@link writeCursor} wrote for the same store and the same kind of page.
 * @throws SIGIL_SERVER_CURSOR
 */
export function readCursor<Shape extends z.ZodType<readonly (string | number)[]>>(
  store: string,
  shape: Shape,
  cursor: string,
): z.output<Shape> {
  const [from, ...place] = parsed(cursor);
  const known = shape.safeParse(place);
  if (!known.success) throw fail("SIGIL_SERVER_CURSOR", "the cursor is not one of this list");
  if (from !== store)
    throw fail("SIGIL_SERVER_CURSOR", "the cursor is of a store that is not in use any more");
  return known.data;
}

function parsed(cursor: string): unknown[] {
  if (cursor.length > MAX_CURSOR) return [];
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? (value as unknown[]) : [];
  } catch {
    return [];
  }
}
