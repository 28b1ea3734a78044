import { z } from "zod";

const count = z.int().min(0);

/** What the sender tells of itself (`source.kind` is `sender`). */
const batchRejected = z.strictObject({
  kind: z.literal("batch_rejected"),
  batch_id: z.string(),
  status: z.int().meta({ description: "HTTP status." }),
  reason: z.string().meta({ description: "The problem's type, or what else is known." }),
  first_sequence: count,
  last_sequence: count,
  detail: z.string().nullable(),
});

const eventQuarantined = z.strictObject({
  kind: z.literal("event_quarantined"),
  sequence: count,
  event_id: z.string().nullable(),
  reason: z.string(),
  evicted: count.meta({ description: "Older entries that had to make room." }),
});

const tlsFailure = z.strictObject({
  kind: z.literal("tls_failure"),
  cause: z.enum([
    "server_certificate_untrusted",
    "server_certificate_expired",
    "server_name_mismatch",
    "own_certificate_expired",
    "own_certificate_not_yet_valid",
    "own_certificate_unusable",
    "own_certificate_other_host",
    "own_certificate_rejected",
    "own_certificate_revoked",
    "handshake_failed",
  ]),
  server: z.string().meta({ description: "Host and port." }),
  detail: z.string(),
});

const certificateExpiring = z.strictObject({
  kind: z.literal("certificate_expiring"),
  not_after: z.string(),
  days_left: z.int(),
  serial: z.string(),
});

const senderLag = z.strictObject({
  kind: z.literal("sender_lag"),
  state: z.enum(["behind", "not_shipping", "caught_up"]),
  events: count,
  bytes: count,
  age_s: count.meta({ description: "Of the oldest event that is not acknowledged." }),
  reason: z.string().nullable().meta({ description: "What keeps it from shipping, if known." }),
});

const senderHeartbeat = z.strictObject({
  kind: z.literal("sender_heartbeat"),
  uptime_s: count,
  is_final: z.boolean(),
  events_acked_total: count,
  batches_acked_total: count,
  events_quarantined_total: count,
  retries_total: count,
  bytes_sent_total: count,
  lag_events: count,
  lag_bytes: count,
  lag_age_s: count,
  last_ack_age_s: count.nullable(),
  policy_etag: z.string().nullable(),
  certificate_not_after: z.string().nullable(),
});

export const SENDING = [
  batchRejected,
  eventQuarantined,
  tlsFailure,
  certificateExpiring,
  senderLag,
  senderHeartbeat,
] as const;
