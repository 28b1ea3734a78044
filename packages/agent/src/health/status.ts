import type { EvidenceOf } from "@sigil/core/plain";
import type { SignedStatus } from "../policy/signed/status.ts";

/** What `show stats` and `doctor` see of a running agent. */
export interface AgentStatus {
  readonly version: string;
  readonly pid: number;
  readonly started_at: string;
  readonly uptime_s: number;
  readonly mode: "user" | "system";
  readonly host_id: string;
  readonly policy_version: string;
  readonly policy_file: string | null;
  readonly policy_layers: readonly string[];
  readonly signed: SignedStatus;
  readonly targets: number;
  readonly roots: number;
  readonly projects: number;
  readonly watcher_backend: string;
  readonly watched_directories: number;
  readonly polling: boolean;
  readonly hasher: string;
  readonly queue_depth: number;
  readonly settling: number;
  readonly events_emitted_total: number;
  readonly events_by_kind: Readonly<Record<string, number>>;
  readonly hash_p50_ms: number | null;
  readonly hash_p99_ms: number | null;
  readonly last_sweep_age_s: number | null;
  readonly sweep_running: string | null;
  readonly spool: {
    readonly spool_id: string;
    readonly last_sequence: number;
    readonly bytes: number;
  };
  readonly state_db_size_bytes: number;
  readonly memory_mb: number;
  readonly conditions: readonly Condition[];
}

/** Something about the agent that is not as it should be, for as long as it lasts (design §7, kind 3). */
export interface Condition {
  readonly code: ConditionCode;
  readonly severity: "info" | "warn" | "high" | "critical";
  readonly title: string;
  readonly detail: string;
  readonly since: string;
}

export const CONDITIONS = {
  "watching-by-polling": {
    severity: "warn",
    title: "Changes are found by polling, later and less exactly.",
  },
  "spool-stalled": {
    severity: "high",
    title: "Events cannot be written to the spool; they wait in memory.",
  },
  "state-stalled": {
    severity: "high",
    title: "The state database cannot be written; events wait in memory.",
  },
  "entry-refused": {
    severity: "high",
    title: "Something was left out of the spool or of the state, which cannot hold it.",
  },
  "policy-rejected": {
    severity: "high",
    title: "The policy file is not valid; the last good one, or the signed one alone, is in force.",
  },
  "signed-policy-expired": {
    severity: "warn",
    title: "The signed policy has expired; it stays in force until a newer one comes.",
  },
  "signed-policy-unusable": {
    severity: "high",
    title: "The signed policy that was in force cannot be opened any more and is not in force.",
  },
  "assessing-failed": {
    severity: "high",
    title: "Guard files cannot be assessed; their changes are recorded all the same.",
  },
  "looking-failed": {
    severity: "high",
    title:
      "Some paths cannot be looked at because of an error of the agent's; they are tried again.",
  },
  "permission-missing": { severity: "warn", title: "Some targets cannot be read." },
  "sweep-limit": { severity: "warn", title: "A target has more entries than are looked at." },
  "projects-limit": {
    severity: "warn",
    title: "A workspace has more projects or directories than are looked at.",
  },
  "checkpoint-ignored": {
    severity: "warn",
    title: "The sender's checkpoint cannot be believed; nothing counts as consumed.",
  },
  "state-rebuilt": { severity: "high", title: "The state database was damaged and begun anew." },
  "identity-fallback": {
    severity: "warn",
    title: "The host id does not come from where the policy wants it.",
  },
} as const;

export type ConditionCode = keyof typeof CONDITIONS;

export interface Conditions {
  raise(code: ConditionCode, detail: string): void;
  clear(code: ConditionCode): void;
  list(): Condition[];
}

export function createConditions(now: () => number): Conditions {
  const held = new Map<ConditionCode, Condition>();
  return {
    raise(code, detail) {
      const since = held.get(code)?.since ?? new Date(now()).toISOString();
      held.set(code, { code, ...CONDITIONS[code], detail, since });
    },
    clear: (code) => void held.delete(code),
    list: () => [...held.values()],
  };
}

export function heartbeatOf(status: AgentStatus, isFinal: boolean): EvidenceOf<"heartbeat"> {
  return {
    kind: "heartbeat",
    uptime_s: status.uptime_s,
    is_final: isFinal,
    events_emitted_total: status.events_emitted_total,
    events_by_kind: { ...status.events_by_kind },
    hash_p50_ms: status.hash_p50_ms,
    hash_p99_ms: status.hash_p99_ms,
    queue_depth: status.queue_depth,
    watcher_backend: status.watcher_backend,
    last_sweep_age_s: status.last_sweep_age_s,
    state_db_size_bytes: status.state_db_size_bytes,
    spool_bytes: status.spool.bytes,
    policy_version: status.policy_version,
  };
}
