import { createAccountQuery, type Head } from "./accounts.ts";
import { storeError, type Db } from "./database.ts";
import { createFleetQuery } from "./fleet.ts";
import type { EventStore } from "./model.ts";
import { bytesUsed } from "./prune.ts";
import { createEventQuery } from "./query.ts";

export type ReadOptions = {
  /** Events looked at for one page. */
  readonly scanMax: number;
  readonly silentS: number;
  readonly duplicateWindowS: number;
  /** Gaps listed of one spool. */
  readonly maxGaps: number;
  /** Wall time, milliseconds. */
  readonly now: () => number;
};

/** Everything the store is asked, answered at once. */
export type Reads = ReturnType<typeof createReads>;

/** The reading half of a store, as its interface has it. */
export type ReadStore = Pick<
  EventStore,
  "heads" | "hosts" | "host" | "ledger" | "events" | "risk" | "drift" | "stats"
>;

export function createReads(db: Db, options: ReadOptions) {
  const storeId = db.prepare<unknown[], string>("SELECT value FROM meta WHERE key = 'store_id'");
  const store = storeId.pluck().get() ?? "";
  const silentMs = options.silentS * 1000;
  const { now, maxGaps, scanMax } = options;
  const events = db
    .prepare<unknown[], number>("SELECT value FROM meta WHERE key = 'events'")
    .pluck();
  const hosts = db.prepare<unknown[], number>("SELECT count(*) FROM hosts").pluck();
  return {
    ...createEventQuery(db, { store, scanMax }),
    ...createFleetQuery(db, { store, silentMs, now }),
    ...createAccountQuery(db, {
      silentMs,
      duplicateMs: options.duplicateWindowS * 1000,
      maxGaps,
      now,
    }),
    stats: () => ({ events: events.get() ?? 0, hosts: hosts.get() ?? 0, bytes: bytesUsed(db) }),
  };
}

/**
 * @param current what answers now: a store that is replaced while the server runs has others
 * @param onError is told what SQLite says before the caller is
 */
export function readStoreOf(
  file: string,
  current: () => Reads,
  onError: (error: unknown) => void,
): ReadStore {
  async function ask<T>(question: (reads: Reads) => T): Promise<T> {
    try {
      return question(current());
    } catch (error) {
      const failure = storeError(error, file);
      onError(error);
      throw failure;
    }
  }
  return {
    heads: (hostId, spoolIds) => ask((reads): readonly Head[] => reads.heads(hostId, spoolIds)),
    hosts: (page) => ask((reads) => reads.hosts(page)),
    host: (hostId) => ask((reads) => reads.host(hostId)),
    ledger: (hostId) => ask((reads) => reads.ledger(hostId)),
    events: (filter, page) => ask((reads) => reads.events(filter, page)),
    risk: (filter, page) => ask((reads) => reads.risk(filter, page)),
    drift: (filter, page) => ask((reads) => reads.drift(filter, page)),
    stats: () => ask((reads) => ({ ...reads.stats(), lastCommitMs: null })),
  };
}
