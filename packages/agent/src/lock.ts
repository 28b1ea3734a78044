import { join } from "node:path";
import Database from "better-sqlite3";
import type { SpoolLock } from "@sigil/spool";
import { fail } from "./errors.ts";

/** Holds `BEGIN EXCLUSIVE` on `lock.db`: the system frees it when the process dies, however it dies (design §4). */
export const databaseLock: SpoolLock = {
  acquire(directory) {
    const file = join(directory, "lock.db");
    const db = new Database(file, { timeout: 0 });
    try {
      db.pragma("journal_mode = MEMORY");
      db.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      db.close();
      throw fail("SIGIL_AGENT_RUNNING", `another process holds ${file}`, { cause: error });
    }
    return { release: () => void db.close() };
  },
};
