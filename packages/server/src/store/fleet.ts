import { z } from "zod";
import { readCursor, writeCursor } from "./cursor.ts";
import type { Db } from "./database.ts";
import type { HostSummary, LatestRisk, Page } from "./model.ts";
import { timeText, uuidText } from "./times.ts";

type PageRequest = { readonly limit: number; readonly cursor?: string };

export type FleetOptions = {
  /** What cursors are bound to. */
  readonly store: string;
  /** A host that sent nothing for so long is silent. Milliseconds. */
  readonly silentMs: number;
  readonly now: () => number;
};

type HostRow = {
  readonly host_id: string;
  readonly policy_group: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly events: number;
  readonly agent_version: string | null;
  readonly policy_version: string | null;
  readonly score: number | null;
  readonly band: HostSummary["band"];
  readonly irregular: number;
};

type RiskRow = Omit<LatestRisk, "ts" | "event_id"> & {
  readonly id: number;
  readonly ts: number;
  readonly event_id: Buffer;
};

/** Irregular: anything in the ledger that someone should look at, gaps the sender itself named included. */
const HOSTS = `
  SELECT host_id, policy_group, first_seen, last_seen, events, agent_version, policy_version, top.score, top.band,
    EXISTS (SELECT 1 FROM spools WHERE spools.host = hosts.id
      AND (chain_breaks > 0 OR forks > 0 OR conflicts > 0
        OR EXISTS (SELECT 1 FROM gaps WHERE gaps.spool = spools.id))) AS irregular
  FROM hosts LEFT JOIN risks AS top ON top.id =
    (SELECT id FROM risks WHERE risks.host = hosts.id AND is_gone = 0 ORDER BY score DESC, id LIMIT 1)`;

const hostPlace = z.tuple([z.string()]);
const riskPlace = z.tuple([z.number(), z.int()]);

/** Reads what is kept of hosts. */
export function createFleetQuery(db: Db, options: FleetOptions) {
  const { store } = options;
  const one = db.prepare<unknown[], HostRow>(`${HOSTS} WHERE host_id = ?`);
  const many = db.prepare<unknown[], HostRow>(
    `${HOSTS} WHERE host_id > ? ORDER BY host_id LIMIT ?`,
  );

  function hosts({ limit, cursor }: PageRequest): Page<HostSummary> {
    const after = cursor === undefined ? "" : readCursor(store, hostPlace, cursor)[0];
    const rows = many.all(after, limit);
    const last = rows.length < limit ? undefined : rows.at(-1);
    const items = rows.map((row) => summaryOf(row, options));
    return { items, next: last ? writeCursor(store, [last.host_id]) : null };
  }

  function host(hostId: string): HostSummary | null {
    const row = one.get(hostId);
    return row ? summaryOf(row, options) : null;
  }

  /** Highest score first. */
  function risk(
    filter: { readonly host?: string; readonly minScore?: number },
    { limit, cursor }: PageRequest,
  ): Page<LatestRisk> {
    const binds: (string | number)[] = [filter.minScore ?? 0];
    let sql = `SELECT risks.id, host_id, tool, scope, path, score, band, ts, event_id FROM risks
      JOIN hosts ON hosts.id = risks.host WHERE is_gone = 0 AND score >= ?`;
    if (filter.host !== undefined) {
      sql += " AND host_id = ?";
      binds.push(filter.host);
    }
    if (cursor !== undefined) {
      const [score, id] = readCursor(store, riskPlace, cursor);
      sql += " AND score <= ? AND (score < ? OR risks.id > ?)";
      binds.push(score, score, id);
    }
    sql += " ORDER BY score DESC, risks.id LIMIT ?";
    const rows = db.prepare<unknown[], RiskRow>(sql).all(...binds, limit);
    const last = rows.length < limit ? undefined : rows.at(-1);
    const next = last && writeCursor(store, [last.score, last.id]);
    return { items: rows.map(toRisk), next: next ?? null };
  }

  return { hosts, host, risk };
}

function summaryOf(row: HostRow, { now, silentMs }: FleetOptions): HostSummary {
  const { policy_group: group, first_seen, last_seen, irregular, ...rest } = row;
  return {
    ...rest,
    group,
    first_seen: timeText(first_seen),
    last_seen: timeText(last_seen),
    silent: now() - last_seen > silentMs,
    irregular: irregular === 1,
  };
}

function toRisk(row: RiskRow): LatestRisk {
  const { id: _id, ts, event_id, ...rest } = row;
  return { ...rest, ts: timeText(ts), event_id: uuidText(event_id) };
}
