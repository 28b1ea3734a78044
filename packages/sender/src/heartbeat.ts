import type { EvidenceOf } from "@sigil/core/plain";
import type { SenderStatus, StreamStatus } from "./status.ts";

/** Proof of life of the sender, with what it did and what it has before it. */
export function heartbeatOf(
  status: SenderStatus,
  isFinal: boolean,
): EvidenceOf<"sender_heartbeat"> {
  const { agent, sender } = status.streams;
  const total = (of: (stream: StreamStatus) => number) => of(agent) + of(sender);
  return {
    kind: "sender_heartbeat",
    uptime_s: status.uptime_s,
    is_final: isFinal,
    events_acked_total: total((stream) => stream.events_acked_total),
    batches_acked_total: total((stream) => stream.batches_acked_total),
    events_quarantined_total: total((stream) => stream.events_quarantined_total),
    retries_total: total((stream) => stream.retries_total),
    bytes_sent_total: total((stream) => stream.bytes_sent_total),
    // Its own notes are always a little behind: the heartbeat itself is one of them.
    lag_events: agent.lag?.events ?? 0,
    lag_bytes: agent.lag?.bytes ?? 0,
    lag_age_s: agent.lag?.age_s ?? 0,
    last_ack_age_s: ackAge(status),
    policy_etag: status.policy.etag,
    certificate_not_after: status.certificate.not_after,
  };
}

function ackAge({ updated_at, streams }: SenderStatus): number | null {
  const acks = [streams.agent.last_ack_at, streams.sender.last_ack_at];
  const last = Math.max(...acks.map((at) => (at === null ? 0 : Date.parse(at))));
  return last === 0 ? null : Math.max(0, Math.floor((Date.parse(updated_at) - last) / 1000));
}
