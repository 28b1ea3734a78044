import { lstatSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errnoOf } from "@sigil/core/plain";
import { databaseLock } from "@sigil/ports/lock";
import { fail } from "./errors.ts";

/** One sender a spool. */
export const senderLock = databaseLock((file, cause) =>
  fail("SIGIL_SENDER_RUNNING", `another process holds ${file}`, { cause }),
);

const SQLITE_BUSY = 5;

/**
 * Whether another process holds the lock of a directory, without taking it even for a moment: a sender that starts
 * just now must not find it held by whoever asks. Says nothing about locks of this process.
 * @returns null when it cannot be told
 */
export function isLocked(directory: string): boolean | null {
  const file = join(directory, "lock.db");
  let database: DatabaseSync | undefined;
  try {
    lstatSync(file);
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    if ((error as { readonly errcode?: unknown }).errcode === SQLITE_BUSY) return true;
    return errnoOf(error) === "ENOENT" ? false : null;
  } finally {
    database?.close();
  }
}
