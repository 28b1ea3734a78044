import { DatabaseSync } from "node:sqlite";
import { exportSpool } from "@sigil/spool";
import { expect } from "vitest";
import { spoolHash } from "../digest.ts";
import { readSpool } from "../events.ts";
import { eventually } from "../harness.ts";
import type { FleetHost } from "./host.ts";

/** One event as server.db has it, read with another SQLite than the server's. */
export type StoredRow = {
  readonly event_id: string;
  readonly spool_id: string;
  readonly sequence: number;
  readonly kind: string;
  readonly line: string;
};

export type Stream = "agent" | "sender";

const FROM = `FROM events JOIN lines ON lines.id = events.id
  JOIN spools ON spools.id = events.spool JOIN hosts ON hosts.id = events.host
  WHERE hosts.host_id = ? AND spools.stream = ?`;

/** Everything the server has of one stream of a host, in the order of arrival. */
export function storedRows(db: string, hostId: string, stream: Stream = "agent"): StoredRow[] {
  const rows = ask(
    db,
    `SELECT hex(events.event_id) AS hex, spool_id, sequence, kind, line ${FROM} ORDER BY events.id`,
    [hostId, stream],
  );
  return rows.map(({ hex, spool_id, sequence, kind, line }) => ({
    event_id: uuidOf(String(hex)),
    spool_id: String(spool_id),
    sequence: Number(sequence),
    kind: String(kind),
    line: Buffer.from(line as Uint8Array).toString("utf8"),
  }));
}

/** What the server has counted of one stream of a host: cheap, and 0 while there is no store. */
export function storedCount(db: string, hostId: string, stream: Stream = "agent"): number {
  const sql = `SELECT sum(spools.events) AS n FROM spools JOIN hosts ON hosts.id = spools.host
    WHERE hosts.host_id = ? AND spools.stream = ?`;
  try {
    return Number(ask(db, sql, [hostId, stream])[0]?.["n"] ?? 0);
  } catch {
    return 0;
  }
}

function ask(db: string, sql: string, parameters: readonly string[]) {
  const connection = new DatabaseSync(db, { readOnly: true, timeout: 5000 });
  try {
    return connection.prepare(sql).all(...parameters);
  } finally {
    connection.close();
  }
}

function uuidOf(hex: string): string {
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(hex.toLowerCase()) ?? [];
  return parts.slice(1).join("-");
}

/** Waits until the server has at least as many events as were acknowledged to fillers. */
export async function arrived(host: FleetHost, timeout = 20_000): Promise<void> {
  await eventually(() => storedCount(host.fleet.db, host.id) >= host.fill.count(), timeout);
}

/** How many events that are in the spool, or were acknowledged to a filler, the server has not. */
export async function countLost(host: FleetHost): Promise<number> {
  const stored = new Set(storedRows(host.fleet.db, host.id).map(({ event_id: id }) => id));
  const recorded = (await readSpool(host.spool)).map(({ event_id: id }) => id);
  return [...new Set([...recorded, ...host.fill.ids().keys()])].filter((id) => !stored.has(id))
    .length;
}

/**
 * Every event the spool acknowledged is stored exactly once, under its sequence, byte for byte, and nothing else is.
 * @returns how many events there are
 */
export async function expectExactlyOnce(host: FleetHost): Promise<number> {
  const rows = storedRows(host.fleet.db, host.id);
  const inSpool: string[] = [];
  for await (const { sequence, bytes } of exportSpool({ dir: host.spool, hash: spoolHash, onGap }))
    inSpool.push(`${sequence} ${bytes.toString("utf8")}`);
  const onServer = rows
    .toSorted((a, b) => a.sequence - b.sequence)
    .map(({ sequence, line }) => `${sequence} ${line}`);
  expect(onServer.length).toBe(inSpool.length);
  // Compared whole only when they differ: a diff of thousands of lines says less than the first one.
  const odd = onServer.findIndex((line, at) => line !== inSpool[at]);
  expect(onServer[odd]).toBe(inSpool[odd]);

  const sequences = new Map(rows.map(({ event_id, sequence }) => [event_id, sequence]));
  expect(sequences.size).toBe(rows.length);
  const acknowledged = host.fill.ids();
  expect(acknowledged.size).toBe(host.fill.count());
  const wrong = [...acknowledged].filter(([id, sequence]) => sequences.get(id) !== sequence);
  expect(wrong).toEqual([]);
  return rows.length;
}

function onGap(gap: unknown): never {
  throw new Error(`the spool has a gap: ${JSON.stringify(gap)}`);
}
