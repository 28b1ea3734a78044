import { randomBytes } from "node:crypto";
import type { PathKey, StoredState } from "@sigil/core/plain";
import { bytesOfKey, keyOfBytes, parentKey } from "../fs/keys.ts";
import type { PlainRows } from "../sweep/rows.ts";
import type { Db } from "./database.ts";
import { preparePlain } from "./plain.ts";
import { COLUMNS, stateOf, toValues, type PathRow, type StateWrite } from "./row.ts";

/** A stored path that is there, as a rename or a sweep looks for it. */
export interface KnownPath {
  readonly path: PathKey;
  readonly state: StoredState;
}

/** Typed access to state.db. All writes of one group go through {@link Store.commit}, in one transaction. */
export interface Store {
  /** Random id made with the database; part of every `dedup_key`. */
  readonly epoch: string;
  get(path: PathKey): StoredState | null;
  /** The target a stored path was last written for, or null. */
  targetOf(path: PathKey): string | null;
  /** Present paths with this inode: what a new path may have been renamed from. */
  byInode(ino: bigint, dev: bigint): KnownPath[];
  /** Present entries of a directory, at most `limit`. */
  inDirectory(directory: PathKey, limit: number): KnownPath[];
  /** Present paths at or below a directory, at most `limit`. */
  below(directory: PathKey, limit: number): PathKey[];
  /** Present files with a digest, directory by directory, behind a path; null: from the first. */
  hashedAfter(path: PathKey | null, limit: number): { path: PathKey; size: number }[];
  /** Generation a path not stored begins from: above that of any row ever pruned. */
  generationFloor(): number;
  /** @param sequence last sequence of the spool these states stand for */
  commit(writes: readonly StateWrite[], sequence?: number | null): void;
  /**
   * Adds what a sweep saw first and nothing is told of, above any generation ever pruned. Paths that are stored stay.
   * @param skip paths with a newer state on its way
   */
  addPlain(rows: PlainRows, skip: (path: PathKey) => boolean): void;
  isBaselined(rootId: string): boolean;
  /** Marks roots as seen once. @returns the targets that got their first baseline with them */
  completeBaselines(roots: readonly { rootId: string; targetId: string }[], now: number): string[];
  /** Present paths of each target that has any. */
  countTargets(): ReadonlyMap<string, { readonly files: number; readonly bytes: number }>;
  getMeta(key: string): string | null;
  setMeta(key: string, value: string): void;
  /** Forgets paths removed before `before` (wall milliseconds), at most `limit` a call. */
  prune(before: number, limit: number): number;
  close(): void;
}

export function openStore(db: Db): Store {
  const sql = statements(db);
  const addPlain = preparePlain(db);
  const epoch = readEpoch(db);
  let floor = Number(readMeta(sql, "generation_floor") ?? 0);
  const baselined = new Set(db.prepare("SELECT root_id FROM baselines").pluck().all() as string[]);
  return {
    epoch,
    get(path) {
      const row = sql.get.get(...placeOf(path)) as PathRow | undefined;
      return row ? stateOf(row) : null;
    },
    targetOf: (path) => (sql.target.get(...placeOf(path)) as string | undefined) ?? null,
    byInode(ino, dev) {
      return (sql.byInode.all(ino, dev) as PathRow[]).map(knownOf);
    },
    inDirectory(directory, limit) {
      return (sql.entries.all(bytesOfKey(directory), limit) as PathRow[]).map(knownOf);
    },
    below(directory, limit) {
      return presentBelow(sql, directory, limit);
    },
    hashedAfter(path, limit) {
      const from = path === null ? [Buffer.alloc(0), Buffer.alloc(0)] : placeOf(path);
      const rows = sql.hashedAfter.all(...from, limit) as { path: Buffer; size: number }[];
      return rows.map((row) => ({ path: keyOfBytes(row.path), size: row.size }));
    },
    generationFloor: () => floor,
    commit: db.transaction((writes: readonly StateWrite[], sequence: number | null = null) => {
      for (const write of writes) sql.put.run(toValues(write));
      if (sequence !== null) sql.setMeta.run("committed_sequence", String(sequence));
    }),
    addPlain: (rows, skip) => addPlain(rows, floor + 1, skip),
    isBaselined: (rootId) => baselined.has(rootId),
    completeBaselines: db.transaction(
      (roots: readonly { rootId: string; targetId: string }[], now: number) => {
        const first = new Set(
          roots.map((root) => root.targetId).filter((id) => sql.hasTarget.get(id) === undefined),
        );
        for (const root of roots) {
          sql.addBaseline.run(root.rootId, root.targetId, now);
          baselined.add(root.rootId);
        }
        return [...first];
      },
    ),
    countTargets: () => new Map((sql.count.all() as CountRow[]).map(countOf)),
    getMeta: (key) => readMeta(sql, key),
    setMeta: (key, value) => void sql.setMeta.run(key, value),
    prune: db.transaction((before: number, limit: number) => {
      const rows = sql.prunable.all(before, limit) as { rowid: bigint; generation: bigint }[];
      let above = floor;
      for (const row of rows) {
        above = Math.max(above, Number(row.generation));
        sql.remove.run(row.rowid);
      }
      if (rows.length > 0) sql.setMeta.run("generation_floor", String(above));
      // Ahead of the commit: a floor that is too high costs nothing, one that is too low repeats a generation.
      floor = above;
      return rows.length;
    }),
    close: () => db.close(),
  };
}

type CountRow = {
  readonly target_id: string;
  readonly files: bigint;
  readonly bytes: bigint | null;
};

function countOf(row: CountRow) {
  const { target_id, files, bytes } = row;
  return [target_id, { files: Number(files), bytes: Number(bytes ?? 0) }] as const;
}

function knownOf(row: PathRow): KnownPath {
  return { path: keyOfBytes(row.path), state: stateOf(row) };
}

function statements(db: Db) {
  const list = COLUMNS.join(", ");
  const marks = COLUMNS.map(() => "?").join(", ");
  const big = (text: string) => db.prepare(text).safeIntegers(true);
  const present = (where: string) =>
    db.prepare(`SELECT path FROM paths WHERE ${where} AND removed_at IS NULL LIMIT ?`).pluck(true);
  const renewed = COLUMNS.filter((name) => name !== "path" && name !== "parent")
    .map((name) => `${name} = excluded.${name}`)
    .join(", ");
  return {
    get: big(`SELECT ${list} FROM paths WHERE parent = ? AND path = ?`),
    target: db.prepare("SELECT target_id FROM paths WHERE parent = ? AND path = ?").pluck(true),
    byInode: big(
      `SELECT ${list} FROM paths WHERE ino = ? AND dev = ? AND removed_at IS NULL LIMIT 64`,
    ),
    isThere: db.prepare("SELECT 1 FROM paths WHERE parent = ? AND path = ? AND removed_at IS NULL"),
    entries: big(`SELECT ${list} FROM paths WHERE parent = ? AND removed_at IS NULL LIMIT ?`),
    inside: present("parent = ?"),
    below: present("parent >= ? AND parent < ?"),
    put: db.prepare(
      `INSERT INTO paths (${list}) VALUES (${marks}) ON CONFLICT (parent, path) DO UPDATE SET ${renewed}`,
    ),
    hashedAfter: db.prepare(
      "SELECT path, size FROM paths WHERE (parent, path) > (?, ?) AND removed_at IS NULL AND digest IS NOT NULL ORDER BY parent, path LIMIT ?",
    ),
    hasTarget: db.prepare("SELECT 1 FROM baselines WHERE target_id = ? LIMIT 1"),
    addBaseline: db.prepare(
      "INSERT OR IGNORE INTO baselines (root_id, target_id, completed_at) VALUES (?, ?, ?)",
    ),
    count: big(
      "SELECT target_id, count(*) AS files, sum(size) AS bytes FROM paths WHERE removed_at IS NULL GROUP BY target_id",
    ),
    getMeta: db.prepare("SELECT value FROM meta WHERE key = ?"),
    setMeta: db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"),
    prunable: big("SELECT rowid, generation FROM paths WHERE removed_at < ? LIMIT ?"),
    remove: db.prepare("DELETE FROM paths WHERE rowid = ?"),
  };
}

function readMeta(sql: ReturnType<typeof statements>, key: string): string | null {
  const row = sql.getMeta.get(key) as { value: string } | undefined;
  return row?.value ?? null;
}

function readEpoch(db: Db): string {
  db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?)").run(
    randomBytes(16).toString("hex"),
  );
  return (db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get() as { value: string })
    .value;
}

/** How a path is found: the bytes of its directory, then its own. */
export function placeOf(path: PathKey): [Buffer, Buffer] {
  return [bytesOfKey(parentKey(path) ?? path), bytesOfKey(path)];
}

function presentBelow(
  sql: ReturnType<typeof statements>,
  directory: PathKey,
  limit: number,
): PathKey[] {
  const found: Buffer[] = sql.isThere.get(...placeOf(directory)) ? [bytesOfKey(directory)] : [];
  const add = (rows: unknown[]) => {
    // The root is in itself.
    for (const path of rows as Buffer[]) if (!path.equals(own)) found.push(path);
  };
  const own = bytesOfKey(directory);
  const [from, to] = rangeBelow(directory);
  if (!from.equals(own)) add(sql.inside.all(own, limit));
  if (found.length < limit) add(sql.below.all(from, to, limit));
  return found.slice(0, limit).map(keyOfBytes);
}

/** Byte range of the paths below a directory: from `dir/` to the byte after `/`. */
export function rangeBelow(directory: PathKey): [Buffer, Buffer] {
  const bytes = bytesOfKey(directory);
  const last = bytes[bytes.length - 1];
  // Elsewhere than on Windows a backslash is part of a name.
  const ended = last === 0x2f || (last === 0x5c && process.platform === "win32");
  const from = ended ? bytes : Buffer.concat([bytes, separator()]);
  const to = Buffer.from(from);
  to[to.length - 1] = (to[to.length - 1] ?? 0) + 1;
  return [from, to];
}

function separator(): Buffer {
  return Buffer.from(process.platform === "win32" ? "\\" : "/");
}
