/**
 * What the spool is handed by every program that opens one: BLAKE3 by the fastest implementation that passes its
 * self-test (`./hash`), and a lock that the operating system frees when its holder dies (`./lock`).
 *
 * It will not: know what is hashed or locked, read a file, or open anything but the lock's own database.
 */
export { PORTS_ERRORS } from "./error.ts";
export type { Hasher, Hashing } from "./hash.ts";
