import { openStateReadOnly, type Db } from "../state/database.ts";

/**
 * A value an agent left in state.db.
 * @returns null when there is no database, no such value, or none that can be read
 * @throws SIGIL_STATE_UNUSABLE when the file cannot be opened
 */
export function readMeta(path: string, key: string): string | null {
  const db = openStateReadOnly(path);
  if (db === null) return null;
  try {
    return metaOf(db, key);
  } finally {
    db.close();
  }
}

function metaOf(db: Db, key: string): string | null {
  try {
    const row = db.prepare("SELECT value FROM meta WHERE key = ?").get(key);
    return (row as { readonly value: string } | undefined)?.value ?? null;
  } catch {
    // Damaged, or begun by an agent that did not get as far as its tables.
    return null;
  }
}
