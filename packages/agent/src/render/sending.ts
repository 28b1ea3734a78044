import { bytesText, countText, durationText, printable } from "@sigil/cli";
import type { Evidence } from "@sigil/core/plain";

/** What a line says of the sender's own notes; null for any other kind. */
export function sendingText(evidence: Evidence): string | null {
  switch (evidence.kind) {
    case "batch_rejected":
      return `batch refused: ${evidence.status} ${printable(evidence.reason)}, sequences ${evidence.first_sequence}–${evidence.last_sequence}`;
    case "event_quarantined":
      return `event ${evidence.sequence} quarantined: ${printable(evidence.reason)}`;
    case "tls_failure":
      return `no connection to ${printable(evidence.server)}: ${evidence.cause.replaceAll("_", " ")} (${printable(evidence.detail)})`;
    case "certificate_expiring":
      return `certificate ${printable(evidence.serial)} ends in ${countText(evidence.days_left, "day")}`;
    case "sender_lag": {
      const why = evidence.reason === null ? "" : ` (${printable(evidence.reason)})`;
      return `sender ${evidence.state.replaceAll("_", " ")}${why}: ${waiting(evidence)}`;
    }
    case "sender_heartbeat": {
      const what = evidence.is_final ? "last sender heartbeat" : "sender heartbeat";
      const { lag_events: events, lag_bytes: bytes, lag_age_s: age_s } = evidence;
      return `${what}: ${countText(evidence.events_acked_total, "event")} delivered, ${waiting({ events, bytes, age_s })}`;
    }
    default:
      return null;
  }
}

type Waiting = { readonly events: number; readonly bytes: number; readonly age_s: number };

function waiting({ events, bytes, age_s }: Waiting): string {
  return events === 0
    ? "none waiting"
    : `${events} waiting, ${bytesText(bytes)}, for ${durationText(age_s)}`;
}
