import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { messageOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { makeDirectory } from "../files.ts";
import { REGISTRY_SCHEMA, REGISTRY_VERSION } from "./schema.ts";

/** How long one process waits for another that writes. Milliseconds. */
const BUSY_MS = 5000;

/**
 * Opens the registry, or makes it. WAL: the command line writes while the server reads.
 * @throws SIGIL_SERVER_REGISTRY when it cannot be opened, is damaged, or belongs to a newer version
 */
export function openDatabase(file: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    makeDirectory(dirname(file));
    // Made by us, so that its mode is ours: SQLite gives its other files the same.
    closeSync(openSync(file, "a", 0o600));
    db = new Database(file, { timeout: BUSY_MS });
    db.pragma("journal_mode = WAL");
    // A revocation or a token that was answered for must survive a power cut.
    db.pragma("synchronous = FULL");
    migrate(db, file);
    return db;
  } catch (error) {
    db?.close();
    const message = `cannot open the registry ${file}: ${messageOf(error)}`;
    throw fail("SIGIL_SERVER_REGISTRY", message, { cause: error });
  }
}

function migrate(db: Database.Database, file: string): void {
  const start = db.transaction(() => {
    const version = Number(db.pragma("user_version", { simple: true }));
    if (version === REGISTRY_VERSION) return;
    if (version > REGISTRY_VERSION)
      throw new Error(`${file} has version ${version}, this program knows ${REGISTRY_VERSION}`);
    db.exec(REGISTRY_SCHEMA);
    db.pragma(`user_version = ${REGISTRY_VERSION}`);
  });
  start.immediate();
}
