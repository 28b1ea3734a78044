import type { Packed } from "./pack.ts";
import type { Load } from "./read.ts";

/** A piece of the spool under way. */
export type Part = {
  readonly load: Load;
  /** As it was sent last; null before it is packed. */
  packed: Packed | null;
  /** The receiver could not read it once. */
  unreadable: boolean;
};

export function partOf(load: Load, packed: Packed | null = null): Part {
  return { load, packed, unreadable: false };
}
