import { isDamage, type Db } from "./database.ts";
import { mergeHoles, receivedBefore } from "./gaps.ts";
import { createEventWriter, type EventWriter, type Place } from "./insert.ts";
import { createSummaryWriter } from "./latest.ts";
import { createLedgerWriter } from "./ledger.ts";
import type { AdmittedBatch, AdmittedEvent, Commit, RejectedEvent } from "./model.ts";

/** A batch that could not be stored, while others of its transaction were. */
export type Failed = { readonly failed: unknown };

/**
 * Makes batches durable, several in one transaction: each wholly or not at all.
 * @throws when the transaction itself fails; then none of them is stored
 */
export function createCommitter(
  db: Db,
): (batches: readonly AdmittedBatch[]) => readonly (Commit | Failed)[] {
  const ledger = createLedgerWriter(db);
  const events = createEventWriter(db);
  const summary = createSummaryWriter(db);

  const one = db.transaction((batch: AdmittedBatch): Commit => {
    const host = summary.host(batch);
    const spool = ledger.spool(host, batch);
    const gaps = ledger.gaps(spool, batch);
    events.begin();
    const wasReceived = receivedBefore(spool.highest, gaps);
    const place = { host, spool: spool.id, receivedAt: batch.receivedAt };
    const done = insertAll(events, batch, place);
    events.end();
    const forks = done.stored.filter(
      ({ sequence }) => sequence > spool.pruned_through && wasReceived(sequence),
    ).length;
    summary.learn(host, spool.id, batch, done.stored);
    const rejected = [...batch.rejected, ...done.conflicts].sort((a, b) => a.sequence - b.sequence);
    const holes = mergeHoles(
      batch.manifest.gaps,
      rejected.map(({ sequence }) => sequence),
    );
    const accepted = done.stored.length;
    const tally = { accepted, forks, conflicts: done.conflicts.length };
    const highWater = ledger.settle(spool, batch, gaps, holes, tally);
    if (accepted > 0) ledger.turn(host, spool, batch);
    return { accepted, duplicate: done.duplicate, rejected, highWater };
  });

  const all = db.transaction((batches: readonly AdmittedBatch[]) =>
    batches.map((batch) => {
      try {
        return one(batch);
      } catch (error) {
        // A damaged store, or SQLite gave up the whole transaction: a full disk, a failed write.
        if (isDamage(error) || !db.inTransaction || batches.length === 1) throw error;
        return { failed: error };
      }
    }),
  );
  return (batches) => all.immediate(batches);
}

function insertAll(events: EventWriter, batch: AdmittedBatch, place: Place) {
  const stored: AdmittedEvent[] = [];
  const conflicts: RejectedEvent[] = [];
  let duplicate = 0;
  for (const event of batch.events) {
    const became = events.insert(event, place);
    if (became === "stored") stored.push(event);
    else if (became === "duplicate") duplicate += 1;
    else
      conflicts.push({
        sequence: event.sequence,
        eventId: event.eventId,
        reason: "event_id_conflict",
      });
  }
  return { stored, conflicts, duplicate };
}
