import { randomBytes, randomUUIDv7 } from "node:crypto";
import { encodeEvent, eventSchema, makeEvent, type Evidence, type EventParts } from "@sigil/core";

/** One in so many events is checked against the schema that readers use. */
const CHECKED = 997;
const DIRECTORIES = [".claude", ".codex", ".cursor", ".gemini", "project/.claude"] as const;
const CHANGES = ["modified", "created", "removed"] as const;

/**
 * The line of one event, without its newline, as the agent writes it: of a hundred events four are assessments, twenty
 * are about the agent itself, and the rest are files that appear, change and go. No two are equal.
 */
export function lineOf(hostId: string, number: number): Buffer {
  const event = makeEvent({ hostId, agentVersion: "0.1.0" }, partsOf(number));
  if (number % CHECKED === 0) eventSchema.parse(event);
  return Buffer.from(encodeEvent(event));
}

function partsOf(number: number): EventParts {
  const common = { eventId: randomUUIDv7(), ts: new Date().toISOString() };
  if (number % 5 === 4) {
    const self = { source: "agent", subject: { kind: "self" }, targetId: null } as const;
    const evidence = number % 100 === 99 ? heartbeat(number) : limited(number);
    return { ...common, ...self, severity: "info", evidence };
  }
  const path = pathOf(number);
  const risky = number % 25 === 8;
  return {
    ...common,
    severity: risky ? "high" : "warn",
    source: "file_system",
    subject: { kind: "path", value: path },
    evidence: risky ? assessment(path, number) : change(number),
    targetId: "claude-code-user",
    dedupKey: randomBytes(16).toString("hex"),
  };
}

function pathOf(number: number): string {
  const directory = DIRECTORIES[number % DIRECTORIES.length] as string;
  return `/home/dev/${directory}/settings-${number % 1009}.json`;
}

function newDigest(): string {
  return `blake3:${randomBytes(32).toString("hex")}`;
}

function change(number: number): Evidence {
  const kind = CHANGES[number % CHANGES.length] as (typeof CHANGES)[number];
  const [before, after] = [kind !== "created", kind !== "removed"];
  return {
    kind: "file_change",
    change_kind: kind,
    before_hash: before ? newDigest() : null,
    after_hash: after ? newDigest() : null,
    size_after: after ? 200 + (number % 9000) : null,
    evidence_quality: "definitive",
    coalesced_count: 1 + (number % 3),
    rename_from: null,
    mode_before: before ? "0644" : null,
    mode_after: after ? "0644" : null,
    symlink_target: null,
    git_tracked: null,
  };
}

function limited(number: number): Evidence {
  return { kind: "rate_limit_exceeded", limit: "path", per_minute: 60, folded: number };
}

function assessment(path: string, number: number): Evidence {
  return {
    kind: "ai_guard_risk_assessed",
    tool: "claude-code",
    scope: "user-global",
    score: 7.5,
    reasons: [
      {
        kind: "destructive_in_hook",
        pattern: "rm -rf",
        hook_event: "PreToolUse",
        snippet: "rm -rf build",
        factor: "content",
        weight: 4,
        new: true,
      },
    ],
    band: "high",
    path,
    project: null,
    executors: [],
    content_hash: newDigest(),
    closure_hash: newDigest(),
    rubric_version: "1",
    provenance: { multiplier: 1, why: [] },
    previous_score: number % 2 === 0 ? null : 2,
    omitted: {},
    project_total: null,
    controls: [],
    notices: [],
    accepted: null,
    reattestation: false,
  };
}

function heartbeat(number: number): Evidence {
  return {
    kind: "heartbeat",
    uptime_s: number,
    is_final: false,
    events_emitted_total: number,
    events_by_kind: { file_change: number, heartbeat: 1 + (number % 100) },
    hash_p50_ms: 0.4,
    hash_p99_ms: 3.1,
    queue_depth: 0,
    watcher_backend: "inotify",
    last_sweep_age_s: number % 300,
    state_db_size_bytes: 1_048_576 + number,
    spool_bytes: 4_194_304 + number,
    policy_version: "local",
  };
}
