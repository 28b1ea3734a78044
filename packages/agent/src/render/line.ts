import { printable } from "@sigil/cli";
import type { Evidence, RiskAssessed, SigilEvent, Subject } from "@sigil/core/plain";
import { sendingText } from "./sending.ts";

export interface LineStyle {
  readonly color: boolean;
  /** Shown as `~`; null: paths stay whole. */
  readonly home: string | null;
  /** The day stands before the time; for events of the past. */
  readonly date?: boolean;
}

const COLORS = {
  info: "\u001b[2m",
  warn: "\u001b[33m",
  high: "\u001b[31m",
  critical: "\u001b[1;31m",
} as const;
const RESET = "\u001b[0m";

/** One readable line of an event: time, severity, what happened, to what, under which target. */
export function renderLine(event: SigilEvent, style: LineStyle): string {
  const day = style.date === true ? `${event.ts.slice(0, 10)} ` : "";
  const time = printable(day + event.ts.slice(11, 23));
  const severity = printable(event.severity).padEnd(8);
  const shade = style.color ? (COLORS[event.severity] ?? "") : "";
  const what = describe(event.evidence);
  const subject = subjectText(event.subject, style.home);
  const target = event.target_id === null ? "" : `  [${printable(event.target_id)}]`;
  return `${time}  ${shade}${severity}${shade === "" ? "" : RESET}  ${[what, subject].filter(Boolean).join("  ")}${target}`;
}

function subjectText(subject: Subject, home: string | null): string {
  if (subject.kind === "self") return "";
  if (subject.kind === "process") return printable(`${subject.name} (${subject.pid})`);
  const inHome = home !== null && subject.value.startsWith(`${home}/`);
  return printable(inHome ? `~${subject.value.slice(home.length)}` : subject.value);
}

/** Reasons a line has room for; the event has them all. */
const SHOWN = 3;

function riskText(risk: RiskAssessed): string {
  const before =
    risk.previous_score === null || risk.previous_score === risk.score
      ? ""
      : ` (was ${risk.previous_score.toFixed(1)})`;
  const kinds = [...new Set(risk.reasons.map((reason) => reason.kind))];
  const more = kinds.length > SHOWN ? ` +${kinds.length - SHOWN}` : "";
  const why = kinds.length === 0 ? "" : `: ${printable(kinds.slice(0, SHOWN).join(", "))}${more}`;
  const accepted = risk.accepted === null ? "" : " accepted";
  return `risk ${risk.score.toFixed(1)} ${risk.band}${before}${accepted} ${printable(risk.tool)}${why}`;
}

function describe(evidence: Evidence): string {
  switch (evidence.kind) {
    case "file_change": {
      const quality =
        evidence.evidence_quality === "definitive" ? "" : ` (${evidence.evidence_quality})`;
      const from = evidence.rename_from === null ? "" : ` from ${printable(evidence.rename_from)}`;
      const mode =
        evidence.change_kind === "attributes_modified"
          ? ` ${evidence.mode_before} → ${evidence.mode_after}`
          : "";
      return `${evidence.change_kind.replace("_", " ")}${from}${mode}${quality}`.padEnd(10);
    }
    case "ai_guard_risk_assessed":
      return riskText(evidence);
    case "ai_guard_drift":
      return `guard lost: ${printable(evidence.toggle)} ${printable(evidence.label)} (${printable(evidence.from)} → ${printable(evidence.to)})`;
    case "heartbeat":
      return `${evidence.is_final ? "last heartbeat" : "heartbeat"}: ${evidence.events_emitted_total} events, watching with ${evidence.watcher_backend}`;
    case "baseline_completed":
      return `baseline: ${evidence.files} files, ${evidence.bytes} bytes`;
    case "host_meta_snapshot":
      return `host ${printable(evidence.hostname)}: ${printable(evidence.os_release)}, ${evidence.arch}, ${evidence.hasher} hashing`;
    case "policy_applied":
      return `policy ${evidence.policy_version}: ${evidence.targets} targets, ${evidence.roots} places`;
    case "policy_rejected":
      return `policy rejected: ${printable(evidence.detail)}`;
    case "watcher_degraded":
      return `watching degraded: ${evidence.reason}${evidence.detail === null ? "" : ` (${printable(evidence.detail)})`}`;
    case "permission_missing":
      return `cannot ${evidence.operation} (${evidence.error})`;
    case "rate_limit_exceeded":
      return `rate limit: ${evidence.folded} readings folded`;
    case "channel_stall":
      return `${evidence.channel} stalled for ${evidence.stalled_ms} ms: ${printable(evidence.reason)}`;
    case "spool_evicted":
      return `spool evicted ${evidence.events} events (${evidence.first_sequence}–${evidence.last_sequence})`;
    case "spool_corruption":
      return `spool damage: ${evidence.problem}: ${printable(evidence.detail)}`;
    case "host_fingerprint_drift":
      return `host changed: ${evidence.changes.map((change) => change.field).join(", ")}`;
    case "agent_dying":
      return `agent ends: ${evidence.part}: ${printable(evidence.reason)}`;
    case "policy_expired":
      return `signed policy ${evidence.version} expired at ${printable(evidence.expired)}; it stays in force`;
    default:
      // The last: a newer writer's event, read from a spool.
      return (
        sendingText(evidence) ?? printable(String((evidence as { readonly kind: unknown }).kind))
      );
  }
}
