import { z } from "zod";

/** Bounds of a setting, both inclusive. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A whole number in a range, with its default; every limit of the product is declared through this. */
export function count(initial: number, range: Range, description: string) {
  return z
    .int()
    .min(range.min)
    .max(range.max)
    .default(initial)
    .meta({ description, examples: [initial] });
}

/** A switch. */
export function flag(initial: boolean, description: string) {
  return z
    .boolean()
    .default(initial)
    .meta({ description, examples: [initial] });
}

/** A time of at least one. Milliseconds. */
export function milliseconds(initial: number, max: number, description: string) {
  return count(initial, { min: 1, max }, `${description} Milliseconds.`);
}

/** A time. Seconds. */
export function seconds(initial: number, range: Range, description: string) {
  return count(initial, range, `${description} Seconds.`);
}

/** A file or directory that has no default here. @param example stands in the example file */
export function path(description: string, example: string) {
  return z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .meta({ description, examples: [example] });
}
