import { statSync } from "node:fs";
import { dirname } from "node:path";
import {
  errnoOf,
  messageOf,
  type EvidenceOf,
  type PathKey,
  type SigilEvent,
} from "@sigil/core/plain";
import { fingerprintDrift, type HostFingerprint, type HostId } from "@sigil/host";
import { ownDirectories, type Config } from "./config.ts";
import { fail } from "./errors.ts";
import { createEventWriter, type EventWriter } from "./events.ts";
import { keepApart } from "./fs/apart.ts";
import { ensureDirectory } from "./fs/directory.ts";
import { keyOfBytes } from "./fs/keys.ts";
import { createGitTracker, type GitTracker } from "./git/index.ts";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import { createConditions, type Conditions } from "./health/status.ts";
import type { Log } from "@sigil/cli/log";
import { lockState } from "./lock.ts";
import { fingerprint, identify } from "./machine.ts";
import { createRecorder, type Recorder } from "./pipeline/record.ts";
import type { PolicyInForce } from "./policy/effective.ts";
import { Ahead } from "./risk/ahead.ts";
import { openSpooling, type Spooling } from "./spooling.ts";
import { openAssessments, type AssessmentStore } from "./state/assessments.ts";
import { openState } from "./state/database.ts";
import { replayTail } from "./state/replay.ts";
import { openStore, type Store } from "./state/store.ts";

/** What lives as long as the process, whatever policy is in force. */
export interface Runtime {
  readonly config: Config;
  readonly log: Log;
  readonly hasher: Hasher;
  readonly hasherChoice: "auto" | "wasm";
  readonly store: Store;
  readonly assessments: AssessmentStore;
  readonly ahead: Ahead;
  readonly spooling: Spooling;
  readonly recorder: Recorder;
  readonly writer: EventWriter;
  readonly conditions: Conditions;
  readonly git: GitTracker;
  readonly identity: HostId;
  readonly startedAt: number;
  readonly now: () => number;
  readonly monotonic: () => number;
  stateSize(): number;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly config: Config;
  readonly log: Log;
  readonly policy: PolicyInForce;
  readonly onRecorded: (event: SigilEvent) => void;
}

const DRAIN_MS = 5000;

const now = () => Date.now();
const monotonic = () => performance.now();

/** Makes the directories of state and spool where they are missing. */
export function prepareDirectories(config: Config): void {
  for (const path of [config.paths.state, config.paths.spool]) ensureDirectory(dirname(path));
}

/** Opens spool, lock and state. @throws SIGIL_SPOOL_*, SIGIL_AGENT_RUNNING, SIGIL_STATE_*, SIGIL_HOST_* */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, log, policy } = options;
  keepApart(ownDirectories(config));
  const { settings } = policy.policy;
  const hasherChoice = config.env["SIGIL_HASHER"] === "wasm" ? "wasm" : "auto";
  const hasher = loadHasher(hasherChoice);
  const identity = await identify(config, policy.policy, true);
  const conditions = createConditions(now);
  const spooling = await openSpooling(config, settings, hasher, (problem) => {
    if (problem === null) conditions.clear("checkpoint-ignored");
    else conditions.raise("checkpoint-ignored", problem);
  });
  const { db, setAside, release } = takeState(config.paths.state);
  const store = openStore(db);
  const lost = await replayTail(config.paths.spool, spooling.producer, store, hasher);
  if (lost) spooling.noteLost(lost);
  if (setAside) conditions.raise("state-rebuilt", `the old one is ${setAside}`);
  if (identity.origin.includes("fall")) conditions.raise("identity-fallback", identity.origin);
  const ports = recordPorts({ spooling, store, conditions, log, monotonic }, (stall, path) =>
    writer.health(stall, path === null ? {} : { path }),
  );
  const recorder = createRecorder(limitsOf(settings.record), ports);
  const writer = createEventWriter({
    hostId: identity.host_id,
    epoch: store.epoch,
    hasher,
    recorder,
    evidenceMaxBytes: settings.risk.evidence_max_bytes,
    now,
    onRecorded: options.onRecorded,
  });
  return {
    config,
    log,
    hasher,
    hasherChoice,
    store,
    assessments: openAssessments(db),
    ahead: new Ahead(),
    spooling,
    recorder,
    writer,
    conditions,
    git: createGitTracker(),
    identity,
    startedAt: now(),
    now,
    monotonic,
    stateSize: () => sizeOf(config.paths.state) + sizeOf(`${config.paths.state}-wal`),
    async close() {
      if (!(await recorder.drain(DRAIN_MS)))
        log.warn(
          { waiting: recorder.waiting },
          "events left unwritten; the next start finds them again",
        );
      recorder.stop();
      try {
        await spooling.producer.close();
      } finally {
        store.close();
        release();
      }
    },
  };
}

/** @throws SIGIL_AGENT_RUNNING, SIGIL_STATE_* */
function takeState(path: string) {
  const lease = takeLock(path);
  try {
    return { ...openState(path, now()), release: () => lease.release() };
  } catch (error) {
    lease.release();
    throw error;
  }
}

function takeLock(path: string): ReturnType<typeof lockState> {
  try {
    return lockState(path);
  } catch (error) {
    if (errnoOf(error) === "SIGIL_AGENT_RUNNING") throw error;
    const why = `cannot lock ${path}: ${messageOf(error)}`;
    throw fail("SIGIL_STATE_UNUSABLE", why, { cause: error });
  }
}

function limitsOf(record: PolicyInForce["policy"]["settings"]["record"]) {
  return { groupMax: record.group_max, queueMax: record.queue_max, retryMs: record.retry_ms };
}

type RecordNeeds = Pick<Runtime, "spooling" | "store" | "conditions" | "log" | "monotonic">;

function recordPorts(
  needs: RecordNeeds,
  tell: (evidence: EvidenceOf<"channel_stall">, path: PathKey | null) => void,
): Parameters<typeof createRecorder>[1] {
  const { spooling, store, conditions, log } = needs;
  return {
    append: (lines) => spooling.producer.append(lines),
    commit: (writes, sequence) => store.commit(writes, sequence),
    monotonic: needs.monotonic,
    onStall(channel, error, waiting) {
      const message = messageOf(error);
      conditions.raise(channel === "spool" ? "spool-stalled" : "state-stalled", message);
      log.error({ channel, waiting, code: errnoOf(error) }, message);
      if (errnoOf(error) === "SIGIL_SPOOL_FULL") {
        void spooling.retain("disk_full").catch((failed: unknown) => log.error(messageOf(failed)));
      }
    },
    onRefused(channel, { kind, about, writes: [write] }, error) {
      const path = about ?? (write ? keyOfBytes(write.path) : null);
      const reason = `${kind ?? "a state"} is left out: ${messageOf(error)}`;
      conditions.raise("entry-refused", reason);
      log.error({ channel, path, code: errnoOf(error) }, reason);
      // What is told of it may be refused as well: once is enough.
      if (kind === "channel_stall") return;
      tell({ kind: "channel_stall", channel, waiting: 0, stalled_ms: 0, reason }, path);
    },
    onResume(channel, stalledMs, reason) {
      conditions.clear(channel === "spool" ? "spool-stalled" : "state-stalled");
      log.info({ channel, stalledMs }, `recording works again after: ${reason}`);
      tell({ kind: "channel_stall", channel, waiting: 0, stalled_ms: stalledMs, reason }, null);
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** A damaged note is as none: it must not keep the agent from starting. */
function readFingerprint(stored: string): HostFingerprint | null {
  try {
    const value: unknown = JSON.parse(stored);
    return typeof value === "object" ? (value as HostFingerprint | null) : null;
  } catch {
    return null;
  }
}

/** Tells who this host is, and whether it is still the one this state was made on. */
export async function introduce(runtime: Runtime, backend: string): Promise<void> {
  const { config, store, writer } = runtime;
  const current = await fingerprint(config);
  const stored = store.getMeta("fingerprint");
  const before = stored === null ? null : readFingerprint(stored);
  const changes = before ? fingerprintDrift(before, current) : [];
  if (changes.length > 0) writer.health({ kind: "host_fingerprint_drift", changes: [...changes] });
  const { machine_id_digest: _digest, ...meta } = current;
  writer.health(
    {
      kind: "host_meta_snapshot",
      ...meta,
      host_id_origin: runtime.identity.origin,
      node_version: process.versions.node,
      hasher: runtime.hasher.name,
      watcher_backend: backend,
    },
    {},
    () => store.setMeta("fingerprint", JSON.stringify(current)),
  );
}
