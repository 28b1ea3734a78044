/**
 * The schema of server.db, one step a version; `PRAGMA user_version` says how many steps a store has taken.
 * A step is never edited after a release: a change is a new step. Times are milliseconds since the epoch.
 *
 * Events and their lines are apart, so that a look through many events reads little. Ids are given in the order of
 * arrival and never again. `events_by_key` finds crash repeats near the end of a spool: its middle part keeps what is
 * written together close together, which a key alone, being a hash, would scatter over the whole index.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    host_id TEXT NOT NULL UNIQUE,
    policy_group TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    events INTEGER NOT NULL DEFAULT 0,
    agent_version TEXT,
    policy_version TEXT
  );
  CREATE TABLE spools (
    id INTEGER PRIMARY KEY,
    host INTEGER NOT NULL,
    spool_id TEXT NOT NULL,
    stream TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    high_water INTEGER NOT NULL DEFAULT 0,
    highest INTEGER NOT NULL DEFAULT 0,
    events INTEGER NOT NULL DEFAULT 0,
    batches INTEGER NOT NULL DEFAULT 0,
    chain_breaks INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    forks INTEGER NOT NULL DEFAULT 0,
    conflicts INTEGER NOT NULL DEFAULT 0,
    pruned_through INTEGER NOT NULL DEFAULT 0,
    UNIQUE (host, spool_id)
  );
  -- Which spool of a stream sent last, and when it was the turn of one that had been there before.
  CREATE TABLE turns (
    host INTEGER NOT NULL,
    stream TEXT NOT NULL,
    spool INTEGER NOT NULL,
    last_return INTEGER,
    earlier_return INTEGER,
    PRIMARY KEY (host, stream)
  ) WITHOUT ROWID;
  CREATE TABLE gaps (
    spool INTEGER NOT NULL,
    from_sequence INTEGER NOT NULL,
    to_sequence INTEGER NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (spool, from_sequence)
  ) WITHOUT ROWID;
  CREATE INDEX gaps_open ON gaps (spool, from_sequence) WHERE reason = 'missing_batch';
  CREATE TABLE chains (
    id INTEGER PRIMARY KEY,
    spool INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    chain BLOB NOT NULL,
    UNIQUE (spool, last_sequence, chain)
  );
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    event_id BLOB NOT NULL UNIQUE,
    host INTEGER NOT NULL,
    spool INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    kind TEXT NOT NULL,
    dedup_key BLOB,
    repeat_of INTEGER
  );
  CREATE INDEX events_by_host ON events (host);
  CREATE INDEX events_by_kind ON events (kind);
  CREATE INDEX events_grave ON events (id) WHERE severity >= 2;
  CREATE INDEX events_by_key ON events (spool, sequence >> 14, dedup_key) WHERE dedup_key IS NOT NULL;
  CREATE TABLE lines (id INTEGER PRIMARY KEY, line BLOB NOT NULL);
  -- Earliest and latest time of every 4096 ids: what a question about a day need not look at.
  CREATE TABLE zones (zone INTEGER PRIMARY KEY, min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL);
  CREATE TABLE risks (
    id INTEGER PRIMARY KEY,
    host INTEGER NOT NULL,
    tool TEXT NOT NULL,
    scope TEXT NOT NULL,
    item TEXT NOT NULL,
    path TEXT,
    score REAL NOT NULL,
    band TEXT NOT NULL,
    is_gone INTEGER NOT NULL,
    ts INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    spool INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    UNIQUE (host, tool, scope, item)
  );
  CREATE INDEX risks_by_score ON risks (score DESC, id) WHERE is_gone = 0;
  CREATE INDEX risks_by_host ON risks (host, score DESC, id) WHERE is_gone = 0;
  `,
];
