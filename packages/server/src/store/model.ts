import type { BatchManifest, RejectionReason, Severity } from "@sigil/core";

/** One event as it came, with what it is looked up by. */
export type AdmittedEvent = {
  readonly sequence: number;
  /** UUIDv7. */
  readonly eventId: string;
  /** RFC 3339, milliseconds. */
  readonly ts: string;
  readonly severity: Severity;
  /** `evidence.kind`; kinds this version does not know are kept. */
  readonly kind: string;
  readonly dedupKey: string | null;
  /** The line without its newline, byte for byte. */
  readonly line: Uint8Array;
};

export type RejectedEvent = {
  readonly sequence: number;
  readonly eventId: string | null;
  readonly reason: RejectionReason;
  readonly detail?: string;
};

/** A batch whose identity, form, size and digest were checked. */
export type AdmittedBatch = {
  readonly manifest: BatchManifest;
  /** Chain digest of this batch (`chainText` in @sigil/core), `blake3:<hex>`. */
  readonly chain: string;
  readonly events: readonly AdmittedEvent[];
  /** Refused before the store was asked. */
  readonly rejected: readonly RejectedEvent[];
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Serial of the certificate it came with, lower-case hex. */
  readonly serial: string;
  /** Policy group of the host, as the register has it now. */
  readonly group: string;
};

/** What the store did with a batch: durable when it is returned. */
export type Commit = {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: readonly RejectedEvent[];
  /** Last sequence of the spool up to which nothing is missing. */
  readonly highWater: number;
};

/** How far one spool came, and what is odd about it. Counts only grow. */
export type SpoolLedger = {
  readonly spool_id: string;
  readonly stream: "agent" | "sender";
  readonly first_seen: string;
  readonly last_seen: string;
  /** Everything up to here is stored, or a gap that the sender named. */
  readonly high_water: number;
  /** Last sequence that was ever received; above `high_water` while something between is missing. */
  readonly highest: number;
  readonly events: number;
  readonly batches: number;
  readonly chain: string | null;
  /** A batch whose `previous` is not the chain digest of the batch before it. */
  readonly chain_breaks: number;
  /** Batches that brought nothing new. */
  readonly replays: number;
  /** New events under sequences that were already received: a spool rolled back, copied or forged. */
  readonly forks: number;
  /** Events whose id is known with other bytes. */
  readonly conflicts: number;
  /** How many gaps there are; `gaps` lists the first `ledger.max_gaps` of them. */
  readonly gaps_total: number;
  /** Sequences in all gaps together. */
  readonly missing: number;
  readonly gaps: readonly LedgerGap[];
};

export type LedgerGap = {
  readonly from: number;
  readonly to: number;
  /** Said by the sender, or `missing_batch`: a batch began beyond the high-water mark. */
  readonly reason: "evicted" | "corrupt" | "missing" | "quarantined" | "missing_batch";
  readonly since: string;
};

export type HostLedger = {
  readonly host_id: string;
  readonly spools: readonly SpoolLedger[];
  /** Two spools of the same stream that take turns: two machines with one id. */
  readonly duplicate_identity: boolean;
  readonly last_seen: string | null;
  /** Seconds since anything came. */
  readonly silence_s: number | null;
  /** Longer than the setting allows. */
  readonly silent: boolean;
};

export type HostSummary = {
  readonly host_id: string;
  readonly group: string;
  readonly first_seen: string | null;
  readonly last_seen: string | null;
  readonly events: number;
  readonly agent_version: string | null;
  /** `evidence.policy_version` of the last heartbeat. */
  readonly policy_version: string | null;
  /** Highest score among the latest assessments. */
  readonly score: number | null;
  readonly band: "low" | "medium" | "high" | "critical" | null;
  readonly silent: boolean;
  /** Gaps, chain breaks, forks or conflicts in its ledger. */
  readonly irregular: boolean;
};

/** What events are asked for; every filter given must fit. */
export type EventFilter = {
  readonly host?: string;
  readonly kinds?: readonly string[];
  readonly severities?: readonly Severity[];
  /** RFC 3339; `since` ≤ ts < `until`. */
  readonly since?: string;
  readonly until?: string;
  /** Repeats after a crash (equal `dedup_key`) are shown once, unless true. */
  readonly repeats?: boolean;
};

export type Page<T> = {
  readonly items: readonly T[];
  /** Opaque; null at the end. */
  readonly next: string | null;
};

export type StoredEvent = {
  readonly line: string;
  readonly sequence: number;
  readonly spool_id: string;
  readonly received_at: string;
};

/** The latest assessment of one guard file (or session) of one tool on one host. */
export type LatestRisk = {
  readonly host_id: string;
  readonly tool: string;
  readonly scope: string;
  readonly path: string | null;
  readonly score: number;
  readonly band: string;
  readonly ts: string;
  readonly event_id: string;
};

/**
 * Where batches are kept. A second engine implements this and nothing else.
 * All times that come out are RFC 3339, UTC, milliseconds. Each method may throw SIGIL_SERVER_STORE.
 */
export interface EventStore {
  /** Durable when it resolves; all of the batch or nothing. */
  commit(batch: AdmittedBatch): Promise<Commit>;
  /** How far these spools of a host are here; spools that are not known are left out. */
  heads(
    hostId: string,
    spoolIds: readonly string[],
  ): Promise<
    readonly {
      readonly spool_id: string;
      readonly last_sequence: number;
      readonly chain: string | null;
    }[]
  >;
  hosts(page: { readonly limit: number; readonly cursor?: string }): Promise<Page<HostSummary>>;
  host(hostId: string): Promise<HostSummary | null>;
  /** Null for a host that never sent anything. */
  ledger(hostId: string): Promise<HostLedger | null>;
  /** In the order of arrival. */
  events(
    filter: EventFilter,
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<StoredEvent>>;
  /** Highest score first. */
  risk(
    filter: { readonly host?: string; readonly minScore?: number },
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<LatestRisk>>;
  /** `ai_guard_drift` events, newest first. */
  drift(
    filter: { readonly host?: string; readonly since?: string },
    page: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<StoredEvent>>;
  /** The time by which events are old: a clock that leaps ahead moves it by `advanceMs` at most. */
  retentionTime(now: number, advanceMs: number): Promise<number>;
  /** Deletes what is older than the retention settings allow, a bounded piece at a time. @returns events deleted */
  prune(before: { readonly receivedAt: number; readonly maxBytes: number }): Promise<number>;
  stats(): Promise<{
    readonly events: number;
    readonly hosts: number;
    readonly bytes: number;
    readonly lastCommitMs: number | null;
  }>;
  close(): Promise<void>;
}
