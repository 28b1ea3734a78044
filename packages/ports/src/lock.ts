import { join } from "node:path";
import Database from "better-sqlite3";
import type { SpoolLock } from "@sigil/spool";

/**
 * Holds `BEGIN EXCLUSIVE` on `lock.db`: the system frees it when the process dies, however it dies (design §4).
 * @param held makes the error that is thrown when the lock cannot be had
 */
export function databaseLock(held: (file: string, cause: unknown) => Error): SpoolLock {
  return {
    acquire(directory) {
      const file = join(directory, "lock.db");
      const db = new Database(file, { timeout: 0 });
      try {
        db.pragma("journal_mode = MEMORY");
        db.exec("BEGIN EXCLUSIVE");
      } catch (error) {
        db.close();
        throw held(file, error);
      }
      return { release: () => void db.close() };
    },
  };
}
