import type { ChangeKind } from "../observe/diff.ts";
import type { Tier } from "../policy/target.ts";
import type { Evidence, EvidenceKind } from "./evidence.ts";
import type { Severity } from "./event.ts";

/** Severity of a `file_change`: `warn` on a critical target, `info` on a standard one or at first sight (design §3). */
export function changeSeverity(tier: Tier, kind: ChangeKind): Severity {
  return tier === "critical" && kind !== "discovered" ? "warn" : "info";
}

const OBSERVED = ["file_change", "ai_guard_risk_assessed", "ai_guard_drift"] as const;

/** Evidence about the agent itself; what it observed of others has severities of its own. */
export type HealthEvidence = Exclude<Evidence, { kind: (typeof OBSERVED)[number] }>;

/** True for kinds about the agent itself. */
export function isHealthKind(kind: EvidenceKind): kind is HealthEvidence["kind"] {
  return !OBSERVED.some((observed) => observed === kind);
}

/** Severity of an event about Sigil's own health: how bad it is for what the fleet can see. */
export function healthSeverity(evidence: HealthEvidence): Severity {
  switch (evidence.kind) {
    case "agent_dying":
      return "critical";
    case "spool_evicted":
      return evidence.unconsumed ? "high" : "info";
    case "spool_corruption":
    case "policy_rejected":
    case "host_fingerprint_drift":
    case "tls_failure":
    case "event_quarantined":
      return "high";
    case "sender_lag":
      return evidence.state === "caught_up" ? "info" : "warn";
    case "watcher_degraded":
      return evidence.reason === "new_directory" ? "info" : "warn";
    case "channel_stall":
    case "rate_limit_exceeded":
    case "permission_missing":
    case "policy_expired":
    case "batch_rejected":
    case "certificate_expiring":
      return "warn";
    case "heartbeat":
    case "sender_heartbeat":
    case "baseline_completed":
    case "host_meta_snapshot":
    case "policy_applied":
      return "info";
  }
}
