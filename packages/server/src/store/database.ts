import { chmodSync, existsSync, renameSync, statSync } from "node:fs";
import { errnoOf, messageOf, type SigilError } from "@sigil/core/plain";
import Database from "better-sqlite3";
import { fail } from "../errors.ts";
import { MIGRATIONS } from "./schema.ts";

export type Db = Database.Database;

export type DatabaseOptions = {
  readonly file: string;
  readonly cacheBytes: number;
  /** A store up to this size is checked whole when it is opened. */
  readonly checkMaxBytes: number;
};

export type OpenedDatabase = {
  readonly db: Db;
  /** Where a damaged store was moved to, or null. A new one was begun. */
  readonly setAside: string | null;
};

/** Pages in the write-ahead log before they are moved into the store: fewer, larger moves. */
const CHECKPOINT_PAGES = 4000;
const WAL_KEPT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the store to write: WAL, every commit synced. One that is damaged is set aside, never deleted.
 * @throws SIGIL_SERVER_STORE, SIGIL_SERVER_STORE_NEWER
 */
export function openDatabase(options: DatabaseOptions, now: number): OpenedDatabase {
  try {
    return { db: prepare(options), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw storeError(error, options.file);
    const setAside = moveAside(options.file, now);
    try {
      return { db: prepare(options), setAside };
    } catch (second) {
      throw storeError(second, options.file);
    }
  }
}

/**
 * Opens the store to read, beside whoever writes it.
 * @returns null when there is none
 * @throws SIGIL_SERVER_STORE, SIGIL_SERVER_STORE_NEWER
 */
export function openReader(file: string, cacheBytes: number): Db | null {
  if (!existsSync(file)) return null;
  let db: Db | null = null;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    db.pragma("busy_timeout = 2000");
    db.pragma(`cache_size = -${Math.ceil(cacheBytes / 1024)}`);
    // The first read: until then SQLite takes any file for a database.
    schemaOf(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw storeError(error, file);
  }
}

/** Moves a store away with all that belongs to it. @returns where to */
export function moveAside(file: string, now: number): string {
  let aside = `${file}.damaged-${now}`;
  for (let again = 1; existsSync(aside); again += 1) aside = `${file}.damaged-${now}-${again}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/** Whether an error says that the file itself is not sound (a full disk or a failed read does not). */
export function isDamage(error: unknown): boolean {
  const code = errnoOf(error) ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

/** What SQLite said, in this package's words. */
export function storeError(cause: unknown, file: string): SigilError {
  const code = errnoOf(cause) ?? "";
  if (code.startsWith("SIGIL_")) return cause as SigilError;
  return fail("SIGIL_SERVER_STORE", `the store ${file} cannot be used: ${messageOf(cause)}`, {
    cause,
    context: { code },
  });
}

function prepare({ file, cacheBytes, checkMaxBytes }: DatabaseOptions): Db {
  const size = existsSync(file) ? statSync(file).size : 0;
  const db = new Database(file);
  try {
    chmodSync(file, 0o600);
    db.pragma("busy_timeout = 5000");
    db.pragma("journal_mode = WAL");
    // An answer says that a batch is durable: each commit is synced.
    db.pragma("synchronous = FULL");
    db.pragma(`cache_size = -${Math.ceil(cacheBytes / 1024)}`);
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`);
    migrate(db, file);
    if (size > 0 && size <= checkMaxBytes) {
      const check = db.pragma("quick_check(1)", { simple: true });
      if (check !== "ok") throw Object.assign(new Error(String(check)), { code: "SQLITE_CORRUPT" });
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws SIGIL_SERVER_STORE_NEWER */
function schemaOf(db: Db, file: string): number {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version <= MIGRATIONS.length) return version;
  const message = `${file} has schema ${version}, this version knows ${MIGRATIONS.length}`;
  throw fail("SIGIL_SERVER_STORE_NEWER", message);
}

function migrate(db: Db, file: string): void {
  const version = schemaOf(db, file);
  if (version === MIGRATIONS.length) return;
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
}
