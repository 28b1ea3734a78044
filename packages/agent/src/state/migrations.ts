/**
 * The schema of state.db, one step a version; `PRAGMA user_version` says how many steps a database has taken.
 * A step is never edited after a release: a change is a new step. So each spells its tables out, though they repeat:
 * a definition that two steps shared would change what an old database is taken through.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE paths (
    path BLOB PRIMARY KEY,
    parent BLOB NOT NULL,
    generation INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    removed_at INTEGER,
    target_id TEXT NOT NULL,
    type TEXT NOT NULL,
    dev INTEGER NOT NULL,
    ino INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    birthtime_ns INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    digest BLOB,
    incomplete TEXT,
    symlink_target TEXT
  ) WITHOUT ROWID;
  CREATE INDEX paths_by_parent ON paths (parent);
  CREATE INDEX paths_by_inode ON paths (ino, dev);
  CREATE TABLE baselines (root_id TEXT PRIMARY KEY, target_id TEXT NOT NULL, completed_at INTEGER NOT NULL) WITHOUT ROWID;
  `,
  // One row a guard file and tool (and running session); the value is JSON of what was assessed.
  `
  CREATE TABLE assessments (
    tool TEXT NOT NULL,
    path TEXT NOT NULL,
    home TEXT NOT NULL,
    generation INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    assessment TEXT NOT NULL,
    PRIMARY KEY (tool, path)
  ) WITHOUT ROWID;
  CREATE TABLE assessed (
    tool TEXT NOT NULL,
    path TEXT NOT NULL,
    closure_hash TEXT NOT NULL,
    reasons TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tool, path, closure_hash, reasons)
  ) WITHOUT ROWID;
  `,
  // Rows in the order they come and narrow indexes beside them: a row of 250 bytes inside the tree of its key made
  // every insert three times as dear (ADR 20).
  `
  CREATE TABLE stored (
    path BLOB NOT NULL,
    parent BLOB NOT NULL,
    generation INTEGER NOT NULL,
    touched_at INTEGER NOT NULL,
    removed_at INTEGER,
    target_id TEXT NOT NULL,
    type TEXT NOT NULL,
    dev INTEGER NOT NULL,
    ino INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    birthtime_ns INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    gid INTEGER NOT NULL,
    digest BLOB,
    incomplete TEXT,
    symlink_target TEXT
  );
  INSERT INTO stored SELECT
    path, parent, generation, touched_at, removed_at, target_id, type, dev, ino, size, mtime_ns, ctime_ns, birthtime_ns,
    mode, uid, gid, digest, incomplete, symlink_target
    FROM paths ORDER BY parent, path;
  DROP TABLE paths;
  ALTER TABLE stored RENAME TO paths;
  CREATE UNIQUE INDEX paths_by_place ON paths (parent, path);
  CREATE INDEX paths_by_inode ON paths (ino);
  CREATE INDEX paths_by_removal ON paths (removed_at) WHERE removed_at IS NOT NULL;
  `,
];
