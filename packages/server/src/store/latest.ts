import type { Db } from "./database.ts";
import { agentVersionOf, policyVersionOf, riskOf } from "./facts.ts";
import { uuidBytes } from "./insert.ts";
import type { AdmittedBatch, AdmittedEvent } from "./model.ts";

/** What is kept of a host beside its events. Every method is part of the caller's transaction. */
export interface SummaryWriter {
  /** @returns the row's id */
  host(batch: AdmittedBatch): number;
  /** Takes the newly stored events of a batch, in their order. */
  learn(host: number, spool: number, batch: AdmittedBatch, stored: readonly AdmittedEvent[]): void;
}

export function createSummaryWriter(db: Db): SummaryWriter {
  const upsert = db
    .prepare(
      `INSERT INTO hosts (host_id, policy_group, first_seen, last_seen) VALUES (?, ?, ?, ?)
       ON CONFLICT (host_id) DO UPDATE
       SET policy_group = excluded.policy_group, last_seen = max(last_seen, excluded.last_seen) RETURNING id`,
    )
    .pluck();
  const update = db.prepare(
    `UPDATE hosts SET events = events + ?, agent_version = coalesce(?, agent_version),
     policy_version = coalesce(?, policy_version) WHERE id = ?`,
  );
  const putRisk = riskTable(db);
  return {
    host: ({ manifest, group, receivedAt }) =>
      Number(upsert.get(manifest.host_id, group, receivedAt, receivedAt)),
    learn(host, spool, { manifest, receivedAt }, stored) {
      const last = stored.at(-1);
      const isAgent = manifest.stream === "agent";
      const heartbeat = isAgent ? stored.findLast(({ kind }) => kind === "heartbeat") : undefined;
      const version = isAgent && last ? agentVersionOf(last.line) : null;
      update.run(stored.length, version, heartbeat ? policyVersionOf(heartbeat.line) : null, host);
      for (const event of stored) {
        if (event.kind === "ai_guard_risk_assessed") putRisk(host, spool, event, receivedAt);
      }
    },
  };
}

/** One row a guard file: of one spool the last sequence counts, else what came last. */
function riskTable(db: Db) {
  const upsert = db.prepare(
    `INSERT INTO risks (host, tool, scope, item, path, score, band, is_gone, ts, received_at, event_id, spool, sequence)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (host, tool, scope, item) DO UPDATE SET path = excluded.path, score = excluded.score,
       band = excluded.band, is_gone = excluded.is_gone, ts = excluded.ts, received_at = excluded.received_at,
       event_id = excluded.event_id, spool = excluded.spool, sequence = excluded.sequence
     WHERE excluded.spool <> risks.spool OR excluded.sequence > risks.sequence`,
  );
  return (host: number, spool: number, event: AdmittedEvent, receivedAt: number): void => {
    const risk = riskOf(event.line);
    if (!risk) return;
    const { tool, scope, item, path, score, band } = risk;
    const id = uuidBytes(event.eventId);
    const gone = Number(risk.isGone);
    const ts = Date.parse(event.ts);
    upsert.run(
      host,
      tool,
      scope,
      item,
      path,
      score,
      band,
      gone,
      ts,
      receivedAt,
      id,
      spool,
      event.sequence,
    );
  };
}
