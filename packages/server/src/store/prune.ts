import type { Db } from "./database.ts";
import { ZONE_SHIFT } from "./insert.ts";

export type PruneLimits = {
  /** Events that came before it are too old. Milliseconds. */
  readonly receivedAt: number;
  /** What the store may hold; 0: any amount. */
  readonly maxBytes: number;
  /** Events deleted at most. */
  readonly piece: number;
};

/** Deletes the oldest events, a bounded piece at a time. @returns a function that says how many it deleted */
export function createPruner(db: Db): (limits: PruneLimits) => number {
  const bounds = db.prepare<
    unknown[],
    { readonly first: number | null; readonly last: number | null }
  >("SELECT min(id) AS first, max(id) AS last FROM (SELECT id FROM events ORDER BY id LIMIT ?)");
  const through = db.prepare(
    `UPDATE spools SET pruned_through = max(pruned_through, old.last) FROM
     (SELECT spool, max(sequence) AS last FROM events WHERE id BETWEEN ? AND ? AND received_at < ? GROUP BY spool) AS old
     WHERE spools.id = old.spool`,
  );
  const lines = db.prepare(
    "DELETE FROM lines WHERE id IN (SELECT id FROM events WHERE id BETWEEN ? AND ? AND received_at < ?)",
  );
  const events = db.prepare("DELETE FROM events WHERE id BETWEEN ? AND ? AND received_at < ?");
  const count = db.prepare("UPDATE meta SET value = value - ? WHERE key = 'events'");
  const rest = [
    db.prepare("DELETE FROM zones WHERE zone < (SELECT coalesce(min(id), 0) FROM events) >> ?"),
    db.prepare("DELETE FROM risks WHERE (is_gone = 1 OR scope = 'session') AND received_at < ?"),
  ] as const;
  const spent = [
    // The chain's last link is what the next batch is compared with.
    db.prepare(
      `DELETE FROM chains WHERE id IN (SELECT chains.id FROM chains JOIN spools ON spools.id = chains.spool
       WHERE last_sequence < pruned_through AND last_sequence < highest LIMIT ?)`,
    ),
    db.prepare(
      `DELETE FROM gaps WHERE (spool, from_sequence) IN (SELECT spool, from_sequence FROM gaps JOIN spools
       ON spools.id = gaps.spool WHERE to_sequence < pruned_through AND reason <> 'missing_batch' LIMIT ?)`,
    ),
  ];

  const prune = db.transaction(({ receivedAt, maxBytes, piece }: PruneLimits): number => {
    const { first, last } = bounds.get(piece) ?? { first: null, last: null };
    if (first === null || last === null) return 0;
    const before = maxBytes > 0 && bytesUsed(db) > maxBytes ? Number.MAX_SAFE_INTEGER : receivedAt;
    through.run(first, last, before);
    lines.run(first, last, before);
    const { changes } = events.run(first, last, before);
    if (changes === 0) return 0;
    count.run(changes);
    rest[0].run(ZONE_SHIFT);
    rest[1].run(receivedAt);
    for (const statement of spent) statement.run(piece);
    return changes;
  });
  return (limits) => prune.immediate(limits);
}

/**
 * The time by which events are old: that of the last look, ahead by no more than is allowed. It is kept in the store;
 * before the first look it is when the newest event came. A clock that was set back is believed: it keeps more.
 */
export function createRetentionClock(db: Db): (now: number, advanceMs: number) => number {
  const kept = db
    .prepare<unknown[], number>("SELECT value FROM meta WHERE key = 'retention_time'")
    .pluck();
  const newest = db
    .prepare<unknown[], number>("SELECT received_at FROM events ORDER BY id DESC LIMIT 1")
    .pluck();
  const keep = db.prepare(
    "INSERT INTO meta (key, value) VALUES ('retention_time', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  const look = db.transaction((now: number, advanceMs: number): number => {
    const before = kept.get() ?? newest.get() ?? now;
    const time = Math.min(now, before + advanceMs);
    keep.run(time);
    return time;
  });
  return (now, advanceMs) => look.immediate(now, advanceMs);
}

/** What the store holds, without the room that deleted events left in its file. */
export function bytesUsed(db: Db): number {
  const of = (name: string): number => Number(db.pragma(name, { simple: true }));
  return (of("page_count") - of("freelist_count")) * of("page_size");
}
