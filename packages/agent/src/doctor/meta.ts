import { openStateReadOnly, type Db } from "../state/database.ts";

/**
 * A value an agent left in state.db.
 * @returns null when there is no database or no such value
 * @throws SIGIL_STATE_UNUSABLE, SIGIL_STATE_NEWER
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
