import { closeSync, constants, fstatSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import Database from "better-sqlite3";
import type { SpoolLease, SpoolLock } from "@sigil/spool";

/** Makes the error that is thrown when another process holds the lock. */
export type Held = (file: string, cause: unknown) => Error;

/**
 * Holds `BEGIN EXCLUSIVE` on `lock.db`: the system frees it when the process dies, however it dies (design §4).
 * A lock that cannot be had for another reason throws what SQLite says, with its code.
 */
export function databaseLock(held: Held): SpoolLock {
  return { acquire: (directory) => lockFile(join(directory, "lock.db"), held) };
}

/** The same on a file of any name. */
export function lockFile(file: string, held: Held): SpoolLease {
  try {
    return take(file);
  } catch (error) {
    if (!isGarbage(error)) throw isBusy(error) ? held(file, error) : error;
  }
  // Nobody holds it, or it had been busy: garbage in it must not keep every agent from starting. Emptied in place, so
  // that whoever is as quick still meets the same lock.
  empty(file);
  try {
    return take(file);
  } catch (error) {
    throw isBusy(error) ? held(file, error) : error;
  }
}

function take(file: string): SpoolLease {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma("journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
    return { release: () => void db.close() };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Only a plain file of one name: through a link this would empty somebody else's. */
function empty(file: string): void {
  const descriptor = openSync(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    const facts = fstatSync(descriptor);
    if (facts.isFile() && facts.nlink === 1) ftruncateSync(descriptor, 0);
  } finally {
    closeSync(descriptor);
  }
}

function isBusy(error: unknown): boolean {
  return errnoOf(error)?.startsWith("SQLITE_BUSY") === true;
}

function isGarbage(error: unknown): boolean {
  const code = errnoOf(error) ?? "";
  return code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT");
}
