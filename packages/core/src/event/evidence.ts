import { z } from "zod";
import { CHANGE_KINDS } from "../observe/diff.ts";
import { guardDrift, riskAssessed } from "./risk.ts";
import { SENDING } from "./sending.ts";

const count = z.int().min(0);
const digest = z
  .string()
  .regex(/^blake3:[0-9a-f]{64}$/)
  .nullable();
const mode = z
  .string()
  .regex(/^0[0-7]{3,4}$/)
  .nullable()
  .meta({
    description: "Permission bits, octal; null where the system has none.",
    examples: ["0644"],
  });

export const qualitySchema = z.enum(["incomplete", "delayed", "coalesced", "definitive"]).meta({
  title: "Evidence quality",
  description:
    "`incomplete`: not fully hashed. `delayed`: found by a sweep or while the agent was down. `coalesced`: several changes folded. `definitive`: none of these.",
});
export type EvidenceQuality = z.output<typeof qualitySchema>;

const fileChange = z.strictObject({
  kind: z.literal("file_change"),
  change_kind: z.enum(CHANGE_KINDS),
  before_hash: digest,
  after_hash: digest,
  size_after: count.nullable().meta({ description: "Bytes; null when removed." }),
  evidence_quality: qualitySchema,
  coalesced_count: count.meta({
    description: "Hints folded into this event; 0 when a sweep found it.",
  }),
  rename_from: z.string().nullable(),
  mode_before: mode,
  mode_after: mode,
  symlink_target: z.string().nullable(),
  git_tracked: z
    .boolean()
    .nullable()
    .meta({ description: "null: not in a work tree, or not observable." }),
});

const heartbeat = z.strictObject({
  kind: z.literal("heartbeat"),
  uptime_s: count,
  is_final: z.boolean(),
  events_emitted_total: count,
  events_by_kind: z.record(z.string(), count),
  hash_p50_ms: z.number().min(0).nullable(),
  hash_p99_ms: z.number().min(0).nullable(),
  queue_depth: count,
  watcher_backend: z.string(),
  last_sweep_age_s: count.nullable(),
  state_db_size_bytes: count,
  spool_bytes: count,
  policy_version: z.string(),
});

const watcherDegraded = z.strictObject({
  kind: z.literal("watcher_degraded"),
  reason: z.enum([
    "event_loop_stall",
    "canary_missed",
    "hint_burst",
    "new_directory",
    "watcher_error",
    "watches_exhausted",
    "pending_overflow",
    "sweep_found_changes",
    "sweep_limit",
    "polling",
  ]),
  missed: count
    .nullable()
    .meta({ description: "Changes known to have come without a hint; null: not known." }),
  detail: z.string().nullable(),
});

const channelStall = z.strictObject({
  kind: z.literal("channel_stall"),
  channel: z.enum(["record", "spool", "state"]),
  waiting: count,
  stalled_ms: count,
  reason: z.string(),
});

const rateLimitExceeded = z.strictObject({
  kind: z.literal("rate_limit_exceeded"),
  limit: z.enum(["path", "target"]),
  per_minute: count,
  folded: count.meta({
    description: "Readings held back since the last such event; their last state follows.",
  }),
});

const permissionMissing = z.strictObject({
  kind: z.literal("permission_missing"),
  operation: z.enum(["read", "list", "watch"]),
  error: z.string(),
});

const agentDying = z.strictObject({
  kind: z.literal("agent_dying"),
  reason: z.string(),
  part: z.string(),
  exit_code: count,
});

const baselineCompleted = z.strictObject({
  kind: z.literal("baseline_completed"),
  target_id: z.string(),
  files: count,
  bytes: count,
});

const spoolEvicted = z.strictObject({
  kind: z.literal("spool_evicted"),
  reason: z.enum(["hard_limit", "low_disk", "disk_full"]),
  first_sequence: count,
  last_sequence: count,
  events: count,
  bytes: count,
  unconsumed: z.boolean().meta({ description: "True when some of them were never shipped." }),
});

const spoolCorruption = z.strictObject({
  kind: z.literal("spool_corruption"),
  problem: z.string(),
  segment: z.string().nullable(),
  detail: z.string(),
});

const hostMeta = z.strictObject({
  kind: z.literal("host_meta_snapshot"),
  hostname: z.string(),
  os: z.string(),
  os_release: z.string(),
  kernel: z.string(),
  arch: z.string(),
  user: z.string(),
  mode: z.enum(["user", "system"]),
  host_id_origin: z.string(),
  node_version: z.string(),
  hasher: z.string(),
  watcher_backend: z.string(),
});

const fingerprintDrift = z.strictObject({
  kind: z.literal("host_fingerprint_drift"),
  changes: z.array(
    z.strictObject({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
  ),
});

const policyApplied = z.strictObject({
  kind: z.literal("policy_applied"),
  policy_version: z
    .string()
    .meta({ description: "Digest of what is in force.", examples: ["local:0d72a31f"] }),
  targets: count,
  roots: count,
  layers: z.array(z.string()),
});

const policyRejected = z.strictObject({
  kind: z.literal("policy_rejected"),
  reason: z.string().meta({
    description:
      "An error code for a local policy; for a signed one a reason of docs/specs/policy.md.",
    examples: ["SIGIL_POLICY_SYNTAX", "rollback", "bad_signature"],
  }),
  detail: z.string(),
});

const policyExpired = z.strictObject({
  kind: z.literal("policy_expired"),
  version: count.meta({ description: "Of the signed policy, which stays in force." }),
  expired: z.string().meta({ description: "Since when; RFC 3339." }),
});

/** Evidence of every kind this version emits, tagged by `kind`; readers keep kinds they do not know. */
export const evidenceSchema = z
  .discriminatedUnion("kind", [
    fileChange,
    riskAssessed,
    guardDrift,
    heartbeat,
    watcherDegraded,
    channelStall,
    rateLimitExceeded,
    permissionMissing,
    agentDying,
    baselineCompleted,
    spoolEvicted,
    spoolCorruption,
    hostMeta,
    fingerprintDrift,
    policyApplied,
    policyRejected,
    policyExpired,
    ...SENDING,
  ])
  .meta({ title: "Evidence" });

export type Evidence = z.output<typeof evidenceSchema>;
export type EvidenceKind = Evidence["kind"];
export type EvidenceOf<K extends EvidenceKind> = Extract<Evidence, { kind: K }>;
export type FileChange = EvidenceOf<"file_change">;
export type RiskAssessed = EvidenceOf<"ai_guard_risk_assessed">;
export type GuardDrift = EvidenceOf<"ai_guard_drift">;
