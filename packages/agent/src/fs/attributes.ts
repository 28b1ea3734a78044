import type { BigIntStats } from "node:fs";

/** The attributes by which a file is known again, as the state holds them. Times in nanoseconds since 1970. */
export interface Attributes {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/**
 * In 64 bits with a sign, as SQLite has them. An inode number may need 64 without one, and a time after April 2262, which
 * any user can give a file, needs more: both wrap, which keeps two of them apart and fits in a row.
 */
export function signed64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** Equal attributes mean equal contents: ctime cannot be set back by a program without setting the clock itself. */
export function sameAttributes(stored: Attributes, stat: BigIntStats): boolean {
  return (
    stored.ctimeNs === signed64(stat.ctimeNs) &&
    stored.mtimeNs === signed64(stat.mtimeNs) &&
    stored.size === stat.size &&
    stored.ino === signed64(stat.ino) &&
    stored.dev === signed64(stat.dev)
  );
}
