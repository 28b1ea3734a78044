import { chmodSync, existsSync, renameSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { MIGRATIONS } from "./migrations.ts";

export type Db = Database.Database;

export interface OpenedDatabase {
  readonly db: Db;
  /** Where a damaged database was moved to, or null. A new one was begun: every target gets a new baseline. */
  readonly setAside: string | null;
}

/**
 * Opens state.db (WAL), brings its schema up to date and takes it for this process.
 * A database that is not one is set aside, never deleted.
 * @throws SIGIL_STATE_UNUSABLE, SIGIL_STATE_NEWER
 */
export function openState(path: string, now: number): OpenedDatabase {
  try {
    requireFile(path);
    return { db: prepare(path), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw unusable(path, error);
    try {
      const setAside = moveAside(path, now);
      return { db: prepare(path), setAside };
    } catch (second) {
      throw unusable(path, second);
    }
  }
}

/** A directory, a pipe or another program's database is no damage, but a path given wrong: it is left where it is. */
function requireFile(path: string): void {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts !== undefined && !facts.isFile()) throw new Error("it is not a file");
}

/**
 * Opens state.db to read, beside a running agent.
 * @returns null when there is none
 * @throws SIGIL_STATE_UNUSABLE, SIGIL_STATE_NEWER
 */
export function openStateReadOnly(path: string): Db | null {
  if (!existsSync(path)) return null;
  let db: Db | null = null;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    db.pragma("busy_timeout = 2000");
    // The first read: until then SQLite takes any file for a database.
    schemaOf(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw unusable(path, error);
  }
}

function prepare(path: string): Db {
  const db = new Database(path);
  try {
    if (path !== ":memory:") chmodSync(path, 0o600);
    db.pragma("journal_mode = WAL");
    // The spool is durable before state commits, so a lost commit repeats an event and never loses one (design §2).
    db.pragma("synchronous = NORMAL");
    db.pragma("busy_timeout = 2000");
    db.pragma("cache_size = -4096");
    migrate(db, path);
    const check = db.pragma("quick_check(1)", { simple: true });
    if (check !== "ok") throw Object.assign(new Error(String(check)), { code: "SQLITE_CORRUPT" });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws SIGIL_STATE_NEWER */
function schemaOf(db: Db, path: string): number {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > MIGRATIONS.length) {
    throw fail(
      "SIGIL_STATE_NEWER",
      `${path} has schema ${version}, this version knows ${MIGRATIONS.length}`,
    );
  }
  return version;
}

function migrate(db: Db, path: string): void {
  const version = schemaOf(db, path);
  if (version === 0 && tablesOf(db).length > 0) throw new Error("it is another program's database");
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  })();
  const tables = tablesOf(db);
  const missing = TABLES.filter((table) => !tables.includes(table));
  if (missing.length > 0) throw new Error(`it has no table ${missing.join(", ")}`);
}

const TABLES = ["assessed", "assessments", "baselines", "meta", "paths"];

function tablesOf(db: Db): readonly unknown[] {
  return db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
}

function isDamage(error: unknown): boolean {
  const code = errnoOf(error) ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}

function moveAside(path: string, now: number): string {
  const aside = `${path}.damaged-${now}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function unusable(path: string, cause: unknown): unknown {
  if (errnoOf(cause) === "SIGIL_STATE_NEWER") return cause;
  return fail("SIGIL_STATE_UNUSABLE", `cannot use ${path}: ${messageOf(cause)}`, { cause });
}
