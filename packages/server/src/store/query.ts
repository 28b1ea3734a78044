import { z } from "zod";
import { readCursor, writeCursor } from "./cursor.ts";
import type { Db } from "./database.ts";
import { gradeOf, ZONE_SHIFT } from "./insert.ts";
import type { EventFilter, Page, StoredEvent } from "./model.ts";
import { timeOf, timeText } from "./times.ts";

type PageRequest = { readonly limit: number; readonly cursor?: string };
type Bind = string | number;
type Row = {
  readonly id: number;
  readonly sequence: number;
  readonly received_at: number;
  readonly spool_id: string;
  readonly line: Buffer;
};

const DRIFT = "ai_guard_drift";
const place = z.tuple([z.int().min(0)]);
const ZONE_SIZE = 2 ** ZONE_SHIFT;

export type QueryOptions = {
  /** What cursors are bound to. */
  readonly store: string;
  /** Events looked at for one page. */
  readonly scanMax: number;
};

/** Reads events a page at a time; a page looks at a bounded number of them and may be short, or empty, for it. */
export function createEventQuery(db: Db, { store, scanMax }: QueryOptions) {
  const maxId = db.prepare<unknown[], number | null>("SELECT max(id) FROM events").pluck();
  const hostRow = db.prepare<unknown[], number>("SELECT id FROM hosts WHERE host_id = ?").pluck();

  /** In the order of arrival. */
  function events(filter: EventFilter, { limit, cursor }: PageRequest): Page<StoredEvent> {
    const last = maxId.get() ?? 0;
    const host = filter.host === undefined ? null : hostRow.get(filter.host);
    if (host === undefined) return { items: [], next: null };
    const asked = cursor === undefined ? 0 : readCursor(store, place, cursor)[0];
    const after = skipZones(db, filter, asked);
    if (after === null || after >= last) return { items: [], next: null };
    const index = indexFor(filter, host);
    const until = window(db, index, { after, order: "ASC", size: scanMax }) ?? last;
    const rows = select(
      db,
      index,
      [...conditions(filter, host), range(after, until)],
      "ASC",
      limit,
    );
    const end = rows.length < limit ? until : (rows.at(-1)?.id ?? until);
    return { items: rows.map(toEvent), next: end >= last ? null : writeCursor(store, [end]) };
  }

  /** Newest first. */
  function drift(
    filter: { readonly host?: string; readonly since?: string },
    { limit, cursor }: PageRequest,
  ): Page<StoredEvent> {
    const host = filter.host === undefined ? null : hostRow.get(filter.host);
    if (host === undefined) return { items: [], next: null };
    const asked = cursor === undefined ? null : readCursor(store, place, cursor)[0];
    const before = asked ?? (maxId.get() ?? 0) + 1;
    const index = byKind(DRIFT);
    const from = window(db, index, { after: before, order: "DESC", size: scanMax });
    const where = conditions({ ...filter, kinds: [DRIFT] }, host);
    const rows = select(db, index, [...where, range((from ?? 1) - 1, before - 1)], "DESC", limit);
    const end = rows.length < limit ? from : rows.at(-1)?.id;
    return {
      items: rows.map(toEvent),
      next: end === undefined || end === null ? null : writeCursor(store, [end]),
    };
  }

  return { events, drift };
}

type Condition = { readonly sql: string; readonly binds: readonly Bind[] };
type Index = {
  readonly name: "events_by_host" | "events_by_kind" | "events_grave" | null;
  readonly where: Condition;
};

function conditions(filter: EventFilter, host: number | null): Condition[] {
  const found: Condition[] = [];
  const add = (sql: string, ...binds: Bind[]): void => void found.push({ sql, binds });
  if (host !== null) add("events.host = ?", host);
  if (filter.kinds) add(`kind IN (${marks(filter.kinds)})`, ...filter.kinds);
  if (filter.severities)
    add(`severity IN (${marks(filter.severities)})`, ...filter.severities.map(gradeOf));
  // What the partial index is over must be said in its own words.
  if (isGrave(filter)) add("severity >= 2");
  if (filter.since !== undefined) add("ts >= ?", timeOf(filter.since) ?? Number.MAX_SAFE_INTEGER);
  if (filter.until !== undefined) add("ts < ?", timeOf(filter.until) ?? 0);
  if (filter.repeats !== true) add("repeat_of IS NULL");
  return found;
}

function marks(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

function isGrave({ severities = [] }: EventFilter): boolean {
  return severities.length > 0 && severities.every((severity) => gradeOf(severity) >= 2);
}

function range(after: number, until: number): Condition {
  return { sql: "events.id > ? AND events.id <= ?", binds: [after, until] };
}

/** The index that leaves least to look at and still gives the order of arrival. */
function indexFor(filter: EventFilter, host: number | null): Index {
  const [kind, ...others] = filter.kinds ?? [];
  if (host !== null)
    return { name: "events_by_host", where: { sql: "events.host = ?", binds: [host] } };
  if (kind !== undefined && others.length === 0) return byKind(kind);
  if (isGrave(filter)) return { name: "events_grave", where: { sql: "severity >= 2", binds: [] } };
  return { name: null, where: { sql: "1", binds: [] } };
}

function byKind(kind: string): Index {
  return { name: "events_by_kind", where: { sql: "kind = ?", binds: [kind] } };
}

type Window = { readonly after: number; readonly order: "ASC" | "DESC"; readonly size: number };

/** The last id of the next `size` events that an index gives; null when there are fewer. */
function window(db: Db, { name, where }: Index, { after, order, size }: Window): number | null {
  const hint = name === null ? "" : `INDEXED BY ${name}`;
  const side = order === "ASC" ? ">" : "<";
  const end = db
    .prepare(
      `SELECT id FROM events ${hint} WHERE ${where.sql} AND id ${side} ? ORDER BY id ${order} LIMIT 1 OFFSET ?`,
    )
    .pluck()
    .get(...where.binds, after, size - 1);
  return end === undefined ? null : Number(end);
}

/**
 * Goes on to the first zone whose times may fit.
 * @returns the id to go on after, or null when no zone fits
 */
function skipZones(db: Db, { since, until }: EventFilter, after: number): number | null {
  if (since === undefined && until === undefined) return after;
  const first = Math.floor((after + 1) / ZONE_SIZE);
  const zone = db
    .prepare(
      "SELECT zone FROM zones WHERE zone >= ? AND max_ts >= ? AND min_ts < ? ORDER BY zone LIMIT 1",
    )
    .pluck()
    .get(
      first,
      since === undefined ? Number.MIN_SAFE_INTEGER : (timeOf(since) ?? Number.MAX_SAFE_INTEGER),
      until === undefined ? Number.MAX_SAFE_INTEGER : (timeOf(until) ?? 0),
    );
  return zone === undefined ? null : Math.max(after, Number(zone) * ZONE_SIZE - 1);
}

function select(
  db: Db,
  { name }: Index,
  where: readonly Condition[],
  order: Window["order"],
  limit: number,
): Row[] {
  const sql = `SELECT events.id, sequence, received_at, spools.spool_id, lines.line
    FROM events ${name === null ? "" : `INDEXED BY ${name}`}
    CROSS JOIN lines ON lines.id = events.id CROSS JOIN spools ON spools.id = events.spool
    WHERE ${where.map((part) => part.sql).join(" AND ")} ORDER BY events.id ${order} LIMIT ?`;
  return db.prepare<unknown[], Row>(sql).all(...where.flatMap(({ binds }) => binds), limit);
}

function toEvent(row: Row): StoredEvent {
  return {
    line: row.line.toString("utf8"),
    sequence: row.sequence,
    spool_id: row.spool_id,
    received_at: timeText(row.received_at),
  };
}
