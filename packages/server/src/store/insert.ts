import type { Db } from "./database.ts";
import type { AdmittedEvent } from "./model.ts";

/** Where an event belongs. */
export type Place = { readonly host: number; readonly spool: number; readonly receivedAt: number };

/** What became of one event. */
export type Inserted = "stored" | "duplicate" | "conflict";

export interface EventWriter {
  /** Must come before the first `insert` of a transaction. */
  begin(): void;
  insert(event: AdmittedEvent, place: Place): Inserted;
  /** Must come after the last. */
  end(): void;
}

/** Ids in one zone: 4096. */
export const ZONE_SHIFT = 12;
/** Sequences that share a piece of the index of keys (schema: `sequence >> 14`). */
const KEY_SPAN = 2 ** 14;
const GRADES = { info: 0, warn: 1, high: 2, critical: 3 } as const;

/** Severities as they are stored, so that the grave ones are the greater. */
export function gradeOf(severity: AdmittedEvent["severity"]): number {
  return GRADES[severity];
}

/** The 16 bytes of a UUID. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

/** Writes events and their lines; ids go up by one and are never given twice. */
export function createEventWriter(db: Db): EventWriter {
  const insert = db.prepare(
    `INSERT INTO events (id, event_id, host, spool, sequence, ts, received_at, severity, kind, dedup_key, repeat_of)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING`,
  );
  const insertLine = db.prepare("INSERT INTO lines (id, line) VALUES (?, ?)");
  const known = db
    .prepare("SELECT line FROM events JOIN lines USING (id) WHERE event_id = ?")
    .pluck();
  const first = firstWithKey(db);
  const counters = counterTable(db);
  const zones = zoneTable(db);
  let id = 0;
  let stored = 0;

  return {
    begin() {
      id = counters.read("next_id");
      stored = 0;
      zones.forget();
    },
    insert(event, { host, spool, receivedAt }) {
      const eventId = uuidBytes(event.eventId);
      const ts = Date.parse(event.ts);
      const key = event.dedupKey === null ? null : Buffer.from(event.dedupKey, "hex");
      const repeatOf = key && first(spool, event.sequence, key);
      const grade = gradeOf(event.severity);
      const { changes } = insert.run(
        id,
        eventId,
        host,
        spool,
        event.sequence,
        ts,
        receivedAt,
        grade,
        event.kind,
        key,
        repeatOf,
      );
      if (changes === 0) {
        const line = known.get(eventId) as Buffer | undefined;
        return line?.equals(event.line) === true ? "duplicate" : "conflict";
      }
      insertLine.run(id, event.line);
      zones.see(Math.floor(id / 2 ** ZONE_SHIFT), ts);
      id += 1;
      stored += 1;
      return "stored";
    },
    end() {
      zones.write();
      counters.write("next_id", id);
      counters.write("events", counters.read("events") + stored);
    },
  };
}

/** Finds the first event near a sequence that has the same key: what a crash made the agent say twice. */
function firstWithKey(db: Db) {
  const select = db
    .prepare<unknown[], number>(
      // The first, since equal keys stand in the index by id; saying so would cost a sort every time.
      `SELECT id FROM events INDEXED BY events_by_key
       WHERE spool = ? AND sequence >> 14 = ? AND dedup_key = ? LIMIT 1`,
    )
    .pluck();
  return (spool: number, sequence: number, key: Buffer): number | null => {
    const span = Math.floor(sequence / KEY_SPAN);
    return select.get(spool, span - 1, key) ?? select.get(spool, span, key) ?? null;
  };
}

function counterTable(db: Db) {
  const select = db.prepare("SELECT value FROM meta WHERE key = ?").pluck();
  const update = db.prepare(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  return {
    read: (key: string) => Number(select.get(key) ?? (key === "next_id" ? 1 : 0)),
    write: (key: string, value: number) => void update.run(key, value),
  };
}

/** Collects the times of each zone, so that a transaction writes a zone once. */
function zoneTable(db: Db) {
  const upsert = db.prepare(
    `INSERT INTO zones (zone, min_ts, max_ts) VALUES (?, ?, ?) ON CONFLICT (zone) DO UPDATE
     SET min_ts = min(min_ts, excluded.min_ts), max_ts = max(max_ts, excluded.max_ts)`,
  );
  let zone = -1;
  let min = 0;
  let max = 0;
  const write = (): void => {
    if (zone >= 0) upsert.run(zone, min, max);
    zone = -1;
  };
  return {
    write,
    /** Of a batch that was taken back. */
    forget: () => {
      zone = -1;
    },
    see(next: number, ts: number): void {
      if (next !== zone) {
        write();
        zone = next;
        min = ts;
        max = ts;
      } else if (ts < min) min = ts;
      else if (ts > max) max = ts;
    },
  };
}
