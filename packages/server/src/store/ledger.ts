import type { AdmittedBatch } from "./model.ts";
import type { Db } from "./database.ts";
import { applyParts, partsOf, type Gap, type Hole } from "./gaps.ts";

/** A spool as it stood before a batch. */
export type SpoolRow = {
  readonly id: number;
  readonly highest: number;
  readonly batches: number;
  readonly pruned_through: number;
};

/** What a batch did, counted. */
export type Tally = {
  readonly accepted: number;
  readonly forks: number;
  readonly conflicts: number;
};

/** Gaps of a spool that are told apart; more than these become one, so that a hostile host cannot fill the memory. */
const MAX_GAPS = 100_000;

/** The bookkeeping of one host's spools; every method is part of the caller's transaction. */
export interface LedgerWriter {
  spool(host: number, batch: AdmittedBatch): SpoolRow;
  /** The gaps a batch touches, in order. */
  gaps(spool: SpoolRow, batch: AdmittedBatch): Gap[];
  /** @param gaps of `gaps` @param holes all of the batch's, in order @returns the new high-water mark */
  settle(
    spool: SpoolRow,
    batch: AdmittedBatch,
    gaps: readonly Gap[],
    holes: readonly Hole[],
    tally: Tally,
  ): number;
  /** Notes whose turn it is among the spools of a stream. */
  turn(host: number, spool: SpoolRow, batch: AdmittedBatch): void;
}

export function createLedgerWriter(db: Db): LedgerWriter {
  const upsert = db.prepare<unknown[], SpoolRow>(
    `INSERT INTO spools (host, spool_id, stream, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (host, spool_id) DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)
     RETURNING id, highest, batches, pruned_through`,
  );
  const update = db.prepare(
    `UPDATE spools SET high_water = ?, highest = max(highest, ?), events = events + ?, batches = batches + 1,
     chain_breaks = chain_breaks + ?, replays = replays + ?, forks = forks + ?, conflicts = conflicts + ? WHERE id = ?`,
  );
  const gaps = gapTable(db);
  const chains = chainTable(db);
  const turns = turnTable(db);
  return {
    spool(host, { manifest, receivedAt }) {
      const row = upsert.get(host, manifest.spool_id, manifest.stream, receivedAt, receivedAt);
      if (!row) throw new Error("no row was returned");
      return row;
    },
    gaps: (spool, { manifest }) =>
      gaps.touching(
        spool.id,
        Math.min(manifest.first_sequence, spool.highest + 1) - 1,
        manifest.last_sequence + 1,
      ),
    settle(spool, batch, before, holes, tally) {
      const { first_sequence: first, last_sequence: last } = batch.manifest;
      const after = applyParts(
        spool.highest,
        before,
        partsOf(first, last, holes),
        batch.receivedAt,
      );
      const highest = Math.max(spool.highest, last);
      const isChanged = gaps.replace(spool.id, before, after);
      const isNews = isChanged || tally.accepted > 0 || last > spool.highest;
      const isBreak = chains.isBreak(spool, batch);
      chains.add(spool.id, batch);
      const highWater = gaps.firstOpen(spool.id, highest) - 1;
      update.run(
        highWater,
        highest,
        tally.accepted,
        Number(isBreak),
        Number(!isNews),
        tally.forks,
        tally.conflicts,
        spool.id,
      );
      return highWater;
    },
    turn: (host, spool, { manifest, receivedAt }) =>
      turns(host, manifest.stream, spool, receivedAt),
  };
}

function gapTable(db: Db) {
  const select = db.prepare<unknown[], Gap>(
    `SELECT from_sequence AS "from", to_sequence AS "to", reason, since FROM gaps
     WHERE spool = ? AND to_sequence >= ? AND from_sequence <= ? ORDER BY from_sequence LIMIT ${MAX_GAPS + 1}`,
  );
  const open = db.prepare<unknown[], { readonly at: number | null }>(
    "SELECT min(from_sequence) AS at FROM gaps WHERE spool = ? AND reason = 'missing_batch'",
  );
  const clear = db.prepare(
    "DELETE FROM gaps WHERE spool = ? AND from_sequence >= ? AND from_sequence <= ?",
  );
  const insert = db.prepare(
    "INSERT INTO gaps (spool, from_sequence, to_sequence, reason, since) VALUES (?, ?, ?, ?, ?)",
  );
  return {
    touching: (spool: number, from: number, to: number) => select.all(spool, from, to),
    /** First sequence of the first missing batch, or the one after the last received. */
    firstOpen: (spool: number, highest: number) => open.get(spool)?.at ?? highest + 1,
    /** @returns whether anything is different now */
    replace(spool: number, before: readonly Gap[], after: readonly Gap[]): boolean {
      if (areEqual(before, after)) return false;
      const kept = bounded(after);
      const [first] = before;
      if (first) clear.run(spool, first.from, before.at(-1)?.from);
      // What was too much to look at is inside the one gap that stands for all.
      if (kept !== after) clear.run(spool, kept[0]?.from, kept[0]?.to);
      for (const { from, to, reason, since } of kept) insert.run(spool, from, to, reason, since);
      return true;
    },
  };
}

function areEqual(before: readonly Gap[], after: readonly Gap[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((gap, index) => {
    const other = after[index];
    return other?.from === gap.from && other.to === gap.to && other.reason === gap.reason;
  });
}

function bounded(gaps: readonly Gap[]): readonly Gap[] {
  const [first] = gaps;
  const last = gaps.at(-1);
  if (!first || !last || gaps.length <= MAX_GAPS) return gaps;
  return [{ from: first.from, to: last.to, reason: "missing", since: first.since }];
}

function chainTable(db: Db) {
  const at = db.prepare<unknown[], { readonly chain: Buffer }>(
    "SELECT chain FROM chains WHERE spool = ? AND last_sequence = ?",
  );
  const insert = db.prepare(
    "INSERT INTO chains (spool, last_sequence, chain) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  return {
    add: (spool: number, { manifest, chain }: AdmittedBatch) =>
      void insert.run(spool, manifest.last_sequence, digestBytes(chain)),
    /**
     * Whether the batch names another predecessor than those that are known. A sender that was killed between two
     * writes sends again what was stored and knows no predecessor: that is no break. One whose predecessor is missing
     * here shows as a gap, one whose predecessor was deleted as too old cannot be told.
     */
    isBreak(spool: SpoolRow, { manifest }: AdmittedBatch): boolean {
      const before = manifest.first_sequence - 1;
      const known = at.all(spool.id, before);
      const { previous } = manifest;
      if (known.length === 0) {
        return (
          previous !== null &&
          before <= spool.highest &&
          (before === 0 || before > spool.pruned_through)
        );
      }
      if (previous === null) return before === spool.highest;
      return !known.some(({ chain }) => chain.equals(digestBytes(previous)));
    },
  };
}

function turnTable(db: Db) {
  const select = db.prepare<unknown[], { readonly spool: number }>(
    "SELECT spool FROM turns WHERE host = ? AND stream = ?",
  );
  const insert = db.prepare(
    `INSERT INTO turns (host, stream, spool) VALUES (?, ?, ?)
     ON CONFLICT (host, stream) DO UPDATE SET spool = excluded.spool`,
  );
  const back = db.prepare(
    "UPDATE turns SET spool = ?, earlier_return = last_return, last_return = ? WHERE host = ? AND stream = ?",
  );
  return (host: number, stream: string, spool: SpoolRow, at: number): void => {
    const row = select.get(host, stream);
    if (row?.spool === spool.id) return;
    if (row && spool.batches > 0) back.run(spool.id, at, host, stream);
    else insert.run(host, stream, spool.id);
  };
}

/** The 32 bytes of `blake3:<hex>`. */
function digestBytes(digest: string): Buffer {
  return Buffer.from(digest.slice("blake3:".length), "hex");
}
