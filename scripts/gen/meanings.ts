/** What the schema does not say of events: when a kind is written, and what the fields without a description mean. */
import type { EvidenceKind } from "@sigil/core";

/** One sentence each; the compiler asks for every kind. */
export const EVIDENCE_WHEN: Readonly<Record<EvidenceKind, string>> = {
  file_change: "A watched path differs from what the state database held of it.",
  ai_guard_risk_assessed:
    "A guard file, or a script its hooks reach, says something else than before; also at first sight, and once a day. It goes out beside the `file_change`.",
  ai_guard_drift:
    "A defence that was on is gone: what was lost, where the score says what is there.",
  heartbeat:
    "The agent is alive (`health.heartbeat_s`), or has ended in an orderly way (`is_final`).",
  watcher_degraded:
    "What the watchers told may be incomplete; unless the reason is `polling` or `sweep_limit`, a sweep of everything follows.",
  channel_stall:
    "Writing to the spool or to the state database failed for a while and works again; nothing was dropped meanwhile.",
  rate_limit_exceeded:
    "Readings of a path or of a target were held back; their last state follows. At most one a minute for each.",
  permission_missing:
    "A watched file or directory could not be read. Once for each path until it can be read again.",
  agent_dying: "The agent ends because of something it cannot mend.",
  baseline_completed:
    "All places of a target have been looked at for the first time. From here on every change of it has a known before.",
  spool_evicted: "Events that nobody had consumed were deleted to make room.",
  spool_corruption: "Damage of the spool was found and set aside.",
  host_meta_snapshot: "The agent has started: who and what this host is.",
  host_fingerprint_drift:
    "This state directory was made on another machine, or the machine changed its identity.",
  policy_applied:
    "A policy is in force: at the start, after a reload, with a signed delivery, or after a part was restarted.",
  policy_rejected:
    "A start, a reload or a signed delivery met a policy that cannot be accepted; the last good one stays in force. Once for each reason and delivery.",
  policy_expired: "The signed policy in force has expired. Once a version; it stays in force.",
  batch_rejected: "The receiver refused a whole batch; it is kept and tried again or split.",
  event_quarantined:
    "The receiver refuses this event for good; the sender keeps it in its quarantine.",
  tls_failure: "No connection could be made that both sides trust; nothing was sent.",
  certificate_expiring:
    "The sender's certificate ends soon; once for each threshold of `certificate.warn_days`.",
  sender_lag: "The sender fell behind, ships nothing, or has caught up again.",
  sender_heartbeat:
    "The sender is alive (`heartbeat_s`), or has ended in an orderly way (`is_final`).",
};

const POLICY_VERSION = "Names the policy in force.";

export const FIELD_MEANINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  event: {
    schema_version: "Version of this contract.",
    host_id: "This host, by the policy's `host_id_strategy`.",
    agent_version: "Version of Sigil that wrote the line.",
    severity: "How much it matters.",
    subject: "What it is about.",
    evidence: "What was observed, tagged by `kind`.",
  },
  file_change: {
    change_kind: "What the comparison of before and after says.",
    before_hash: "Of the contents before; null when there was no file or it was not hashed.",
    after_hash: "Of the contents now; null when there is no file or it was not hashed.",
    rename_from: "The path it had before, for `renamed`.",
    symlink_target: "What the link says, when the path is one.",
  },
  ai_guard_risk_assessed: {
    scope: "Where the file stands.",
    reasons:
      "Rubric hits: `kind`, the kind's payload, `factor`, `weight`, `new` (see [the rubric](rubric.md)).",
    rubric_version: "Version of the rubric that scored it.",
    provenance: "The factor all weights are multiplied with, and why.",
    previous_score: "The score told before; null at first sight.",
  },
  ai_guard_drift: {
    scope: "Where the file stands.",
    from: "What it was.",
    to: "What it is.",
    path: "The guard file.",
    project: "Root of the project it belongs to.",
  },
  heartbeat: {
    uptime_s: "Seconds since the process started.",
    is_final: "True for the last one of an orderly end.",
    events_emitted_total: "Events made durable since the start.",
    events_by_kind: "The same by kind of evidence.",
    hash_p50_ms: "Median time to look at and hash a path.",
    hash_p99_ms: "99th percentile of it.",
    queue_depth: "Paths and changes waiting to be compared or recorded.",
    watcher_backend: "What tells of changes; `poll` when nothing does.",
    last_sweep_age_s: "Seconds since the last whole sweep; null before the first.",
    state_db_size_bytes: "Size of the state database with its log.",
    spool_bytes: "Size of the spool.",
    policy_version: POLICY_VERSION,
  },
  watcher_degraded: {
    reason: "Why the watchers are doubted.",
    detail: "The particulars, for people.",
  },
  channel_stall: {
    channel: "What could not be written.",
    waiting: "Events still waiting when it was told.",
    stalled_ms: "How long it lasted.",
    reason: "The first error.",
  },
  rate_limit_exceeded: {
    limit: "Whose limit.",
    per_minute: "The limit.",
  },
  permission_missing: {
    operation: "What was tried.",
    error: "The system's error code.",
  },
  agent_dying: {
    reason: "What went wrong.",
    part: "The part that failed.",
    exit_code: "The code the process ends with.",
  },
  baseline_completed: {
    target_id: "The target.",
    files: "Files known of it.",
    bytes: "Their size together.",
  },
  spool_evicted: {
    reason: "Which limit asked for it.",
    first_sequence: "First sequence evicted.",
    last_sequence: "Last sequence evicted.",
    events: "How many events.",
    bytes: "Their size.",
  },
  spool_corruption: {
    problem: "What was found.",
    segment: "The segment it was found in.",
    detail: "The particulars, for people.",
  },
  host_meta_snapshot: {
    hostname: "Host name.",
    os: "Operating system.",
    os_release: "Its release.",
    kernel: "Kernel version.",
    arch: "Processor architecture.",
    user: "The user the agent runs as.",
    mode: "Whose files are watched: this user's, or every account's.",
    host_id_origin: "Where `host_id` came from.",
    node_version: "Version of Node.js.",
    hasher: "BLAKE3 implementation in use.",
    watcher_backend: "What tells of changes.",
  },
  host_fingerprint_drift: {
    changes: "Each identity field that differs.",
  },
  policy_applied: {
    targets: "Enabled targets, of all platforms.",
    roots: "Places on this host they stand for.",
    layers: "Policy layers in force, lowest first.",
  },
  policy_rejected: {
    detail: "What is wrong and where.",
  },
  batch_rejected: {
    batch_id: "The batch.",
    first_sequence: "Its first sequence.",
    last_sequence: "Its last sequence.",
    detail: "The particulars, for people.",
  },
  event_quarantined: {
    sequence: "Where it stands in the spool.",
    event_id: "Its id, where it could be read.",
    reason: "Why it was refused.",
  },
  tls_failure: {
    cause: "What is wrong, as far as this side can tell.",
    detail: "The library's words.",
  },
  certificate_expiring: {
    not_after: "When it ends.",
    days_left: "Whole days until then.",
    serial: "Its serial number, hexadecimal.",
  },
  sender_lag: {
    state: "What the lag has become.",
    events: "Events that are not acknowledged.",
    bytes: "Their size.",
  },
  sender_heartbeat: {
    uptime_s: "Seconds since the process started.",
    is_final: "True for the last one of an orderly end.",
    events_acked_total: "Events acknowledged since the start.",
    batches_acked_total: "Batches acknowledged since the start.",
    events_quarantined_total: "Events put in quarantine since the start.",
    retries_total: "Uploads that were tried again.",
    bytes_sent_total: "Bytes of batches sent, as they were on the wire.",
    lag_events: "Events that are not acknowledged.",
    lag_bytes: "Their size.",
    lag_age_s: "Age of the oldest of them.",
    last_ack_age_s: "Seconds since the last acknowledgement; null before the first.",
    policy_etag: "Of the signed policy last handed to the agent.",
    certificate_not_after: "When the sender's certificate ends.",
  },
};
