/** Version of the tables below, in `PRAGMA user_version`. */
export const REGISTRY_VERSION = 1;

/** `revocations` counts what changed about revocations: whoever sees it move looks again at who is connected. */
export const REGISTRY_SCHEMA = `
CREATE TABLE certificates (
  serial TEXT PRIMARY KEY,
  host_id TEXT NOT NULL,
  host_group TEXT NOT NULL,
  not_before TEXT NOT NULL,
  not_after TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  revoked_at TEXT,
  revoked_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX certificates_host ON certificates (host_id, issued_at);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  host_group TEXT,
  uses_left INTEGER,
  replaces INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  label TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
  host_group TEXT PRIMARY KEY,
  etag TEXT NOT NULL,
  bytes BLOB NOT NULL,
  published_at TEXT NOT NULL
) STRICT;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('revocations', 0);
`;
