import { toDigest } from "@sigil/core/plain";
import type { Db } from "./database.ts";
import type { Gap } from "./gaps.ts";
import type { HostLedger, LedgerGap, SpoolLedger } from "./model.ts";
import { timeText } from "./times.ts";

export type AccountOptions = {
  readonly silentMs: number;
  /** Two returns within it are two machines. Milliseconds. */
  readonly duplicateMs: number;
  /** Gaps listed of one spool. */
  readonly maxGaps: number;
  readonly now: () => number;
};

type SpoolRow = Omit<SpoolLedger, "first_seen" | "last_seen" | "chain" | "gaps"> & {
  readonly id: number;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly chain: Buffer | null;
};

export type Head = {
  readonly spool_id: string;
  readonly last_sequence: number;
  readonly chain: string | null;
};

/** Spools listed of one host, the latest first: every wiped spool is another. */
const MAX_SPOOLS = 100;

/** The chain digest of the last batch that ended at the high-water mark. */
const CHAIN = `(SELECT chain FROM chains WHERE chains.spool = spools.id AND last_sequence = high_water ORDER BY id DESC LIMIT 1)`;

/** Reads the ledger. */
export function createAccountQuery(db: Db, options: AccountOptions) {
  const hostRow = db.prepare<unknown[], { readonly id: number; readonly last_seen: number }>(
    "SELECT id, last_seen FROM hosts WHERE host_id = ?",
  );
  const spools = db.prepare<unknown[], SpoolRow>(
    `SELECT id, spool_id, stream, first_seen, last_seen, high_water, highest, events, batches, ${CHAIN} AS chain,
       chain_breaks, replays, forks, conflicts,
       (SELECT count(*) FROM gaps WHERE gaps.spool = spools.id) AS gaps_total,
       (SELECT coalesce(sum(to_sequence - from_sequence + 1), 0) FROM gaps WHERE gaps.spool = spools.id) AS missing
     FROM spools WHERE host = ? ORDER BY last_seen DESC, id DESC LIMIT ${MAX_SPOOLS}`,
  );
  const gaps = db.prepare<unknown[], Gap>(
    `SELECT from_sequence AS "from", to_sequence AS "to", reason, since FROM gaps
     WHERE spool = ? ORDER BY from_sequence LIMIT ?`,
  );
  const returns = db
    .prepare<unknown[], number>(
      "SELECT count(*) FROM turns WHERE host = ? AND earlier_return IS NOT NULL AND earlier_return >= ?",
    )
    .pluck();
  const head = db.prepare<
    unknown[],
    { readonly last_sequence: number; readonly chain: Buffer | null }
  >(
    `SELECT high_water AS last_sequence, ${CHAIN} AS chain FROM spools WHERE host = ? AND spool_id = ?`,
  );

  function ledger(hostId: string): HostLedger | null {
    const host = hostRow.get(hostId);
    if (!host) return null;
    const silence = Math.max(0, options.now() - host.last_seen);
    return {
      host_id: hostId,
      spools: spools.all(host.id).map((row) => spoolOf(row, gaps.all(row.id, options.maxGaps))),
      duplicate_identity: (returns.get(host.id, options.now() - options.duplicateMs) ?? 0) > 0,
      last_seen: timeText(host.last_seen),
      silence_s: Math.floor(silence / 1000),
      silent: silence > options.silentMs,
    };
  }

  function heads(hostId: string, spoolIds: readonly string[]): Head[] {
    const host = hostRow.get(hostId);
    if (!host) return [];
    return spoolIds.flatMap((spool_id) => {
      const row = head.get(host.id, spool_id);
      return row
        ? [{ spool_id, last_sequence: row.last_sequence, chain: chainText(row.chain) }]
        : [];
    });
  }

  return { ledger, heads };
}

function spoolOf(row: SpoolRow, gaps: readonly Gap[]): SpoolLedger {
  const { id: _id, first_seen, last_seen, chain, ...rest } = row;
  return {
    ...rest,
    first_seen: timeText(first_seen),
    last_seen: timeText(last_seen),
    chain: chainText(chain),
    gaps: gaps.map((gap): LedgerGap => ({ ...gap, since: timeText(gap.since) })),
  };
}

function chainText(chain: Buffer | null): string | null {
  return chain === null ? null : toDigest(chain);
}
