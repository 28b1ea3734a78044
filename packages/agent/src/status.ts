import type { Engine } from "./engine.ts";
import type { AgentStatus } from "./health/status.ts";
import type { SignedStatus } from "./policy/signed/status.ts";
import type { Runtime } from "./runtime.ts";
import { VERSION } from "./version.ts";

/** Everything `status` on the control socket tells, read off the running parts. */
export async function statusOf(
  runtime: Runtime,
  engine: Engine,
  signed: SignedStatus,
): Promise<AgentStatus> {
  const { watching, pipeline, policy } = engine;
  const { recorder, spooling } = runtime;
  const spool = await spooling.producer.stats();
  const swept = watching.sweeper.lastFinished;
  return {
    version: VERSION,
    pid: process.pid,
    started_at: new Date(runtime.startedAt).toISOString(),
    uptime_s: Math.floor(process.uptime()),
    mode: runtime.config.mode,
    host_id: runtime.identity.host_id,
    policy_version: policy.version,
    policy_file: policy.file,
    policy_layers: policy.layers,
    signed,
    targets: watching.plan().targets,
    roots: watching.plan().roots.length,
    projects: watching.plan().projects.length,
    watcher_backend: watching.tracker.backend,
    watched_directories: watching.tracker.watched,
    polling: engine.pollingStandard,
    hasher: runtime.hasher.name,
    queue_depth: recorder.waiting + pipeline.flow.waiting,
    settling: pipeline.settle.size,
    events_emitted_total: recorder.recorded,
    events_by_kind: Object.fromEntries(recorder.byKind),
    hash_p50_ms: pipeline.latency.percentile(0.5),
    hash_p99_ms: pipeline.latency.percentile(0.99),
    last_sweep_age_s: swept === null ? null : Math.round((runtime.monotonic() - swept) / 1000),
    sweep_running: watching.sweeper.running,
    spool: { spool_id: spool.spool_id, last_sequence: spool.last_sequence, bytes: spool.bytes },
    state_db_size_bytes: runtime.stateSize(),
    memory_mb: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    conditions: runtime.conditions.list(),
  };
}
