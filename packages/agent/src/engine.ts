import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, type HintSource, type PathKey, type Root } from "@sigil/core/plain";
import { filesystemOf, nodeFiles, watchLimits } from "@sigil/host";
import { createBurstMeter } from "./health/burst.ts";
import { createNotes } from "./health/notes.ts";
import { homesOf } from "./machine.ts";
import type { Change } from "./pipeline/compare.ts";
import { createFlow, type Flow } from "./pipeline/flow.ts";
import { createLatency, type Latency } from "./pipeline/latency.ts";
import { createSettle, type Settle } from "./pipeline/settle.ts";
import type { PolicyInForce } from "./policy/effective.ts";
import { makePlan, type Plan } from "./policy/plan.ts";
import type { Runtime } from "./runtime.ts";
import type { Finding } from "./sweep/finding.ts";
import { baselineOf, type SweepDone, type SweepReason } from "./watch/sweeper.ts";
import type { DoubtReason } from "./watch/tracker.ts";
import { startWatching, type Watching } from "./watching.ts";

/** The flow from watchers to recorder under one policy. Another policy means another engine. */
export interface Engine {
  readonly watching: Watching;
  readonly settle: Settle;
  readonly flow: Flow;
  readonly latency: Latency;
  readonly policy: PolicyInForce;
  readonly polling: boolean;
  /** Looks for projects again; watches another plan when they changed. */
  replan(): Promise<void>;
  /** Lets what is waiting through, then stops. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly runtime: Runtime;
  readonly policy: PolicyInForce;
  readonly poll: boolean;
  readonly reason: SweepReason;
  /** A part of the engine failed and must be started again. */
  onFailure(part: string, message: string): void;
}

const NOTE_PERIOD_MS = 60_000;
const REPLAN_DELAY_MS = 500;
/** Without a kernel limit to go by (not Linux), the default of Linux. */
const QUEUE_DEFAULT = 16_384;
const UNREADABLE_MAX = 10_000;

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { runtime, policy } = options;
  const { settings } = policy.policy;
  const { writer, recorder, store, conditions } = runtime;
  const latency = createLatency();
  const unreadable = new Map<PathKey, string>();
  const stillUnreadable = new Set<PathKey>();
  const privileged = process.geteuid?.() === 0 && runtime.config.mode === "system";
  const silent = await silentHome(runtime);
  const poll = options.poll || settings.watch.poll || silent !== null;
  const queued = (await watchLimits({ platform: runtime.config.platform, files: nodeFiles() }))
    .max_queued_events;
  let missed = 0;
  let sweepReason: SweepReason | null = null;
  let replanTimer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function plan(): Promise<Plan> {
    const { homes, problems } = await homesOf(runtime.config);
    for (const problem of problems) runtime.log.warn(problem);
    const { platform, env } = runtime.config;
    return makePlan({ policy: policy.policy, platform, homes, env, privileged });
  }

  const rateNotes = createNotes(NOTE_PERIOD_MS, (name, folded) => {
    const [limit, perMinute, ...path] = name.split("\u0000");
    const kind = limit === "target" ? "target" : "path";
    writer.health(
      { kind: "rate_limit_exceeded", limit: kind, per_minute: Number(perMinute), folded },
      {
        path: path.join("\u0000"),
        targetId: watching.plan().matcher.match(path.join("\u0000"))?.targetId ?? null,
      },
    );
  });
  const burst = createBurstMeter(Math.floor((queued ?? QUEUE_DEFAULT) / 2), (count) =>
    watching.doubt.raise("hint_burst", `${count} hints within a second`),
  );
  const settle = createSettle(() => watching.plan().matcher, settings, {
    monotonic: runtime.monotonic,
    onReady: (paths) => flow.accept(paths),
    onOverflow: () =>
      watching.doubt.raise("pending_overflow", `${settings.settle.max_pending} paths are waiting`),
    onLimited(limit, path, perMinute) {
      // A target is told of by its name, a path by its own.
      const about =
        limit === "target" ? (watching.plan().matcher.match(path)?.root.base ?? path) : path;
      rateNotes.count(`${limit}\u0000${perMinute}\u0000${about}`);
    },
  });
  const flow = createFlow(settings, {
    store,
    recorder,
    hasher: runtime.hasher,
    latency,
    plan: () => watching.plan(),
    observeLarge: (path, root) => watching.client.observe(path, root),
    gitTracked: (path) => runtime.git.tracked(path),
    setHops: (path, hops) => watching.tracker.setHops(path, hops),
    hold: (path, delayMs) => settle.hold(path, delayMs),
    record,
    onUnreadable,
    now: runtime.now,
  });

  function record(change: Change): void {
    const quality = change.event?.evidence.evidence_quality;
    if (quality === "delayed" && sweepReason === "interval") missed += 1;
    writer.change(change);
  }

  function onUnreadable(path: PathKey, operation: "read" | "list", errno: string): void {
    stillUnreadable.add(path);
    if (unreadable.get(path) === errno || unreadable.size >= UNREADABLE_MAX) return;
    unreadable.set(path, errno);
    conditions.raise(
      "permission-missing",
      `${unreadable.size} paths, first ${unreadable.keys().next().value}`,
    );
    const targetId = watching.plan().matcher.match(path)?.targetId ?? null;
    writer.health({ kind: "permission_missing", operation, error: errno }, { path, targetId });
  }

  /** A path that was unreadable in the last sweep and not in this one is readable again, or gone. */
  function forgetReadable(): void {
    for (const path of unreadable.keys()) if (!stillUnreadable.has(path)) unreadable.delete(path);
    stillUnreadable.clear();
    if (unreadable.size === 0) conditions.clear("permission-missing");
  }

  async function onFindings(findings: readonly Finding[], reason: SweepReason): Promise<void> {
    sweepReason = reason;
    const first: Extract<Finding, { kind: "first" }>[] = [];
    for (const finding of findings) {
      if (finding.kind === "first") first.push(finding);
      else if (finding.kind === "unreadable")
        onUnreadable(finding.path, finding.operation, finding.errno);
      else settle.hint(finding.path, "sweep");
    }
    await flow.first(first);
  }

  async function onSwept(done: SweepDone): Promise<void> {
    completeBaselines(done.roots);
    if (done.reason !== "poll") forgetReadable();
    if (done.truncated.length > 0) {
      const [root] = done.truncated;
      conditions.raise(
        "sweep-limit",
        `${root?.base}: more than ${settings.sweep.max_entries} entries`,
      );
      watching.doubt.raise("sweep_limit", `${root?.base}`);
    } else conditions.clear("sweep-limit");
    runtime.log.debug(
      { reason: done.reason, ...done.totals, ms: Math.round(done.durationMs) },
      "swept",
    );
    if (done.reason !== "poll") store.setMeta("last_sweep", String(runtime.now()));
    if (done.reason === "interval")
      void judge().catch((error: unknown) => runtime.log.error(messageOf(error)));
  }

  /** What an interval sweep found after its paths had time for a late hint came without one. */
  async function judge(): Promise<void> {
    await sleep(settings.settle.standard_debounce_ms * 2, undefined, { ref: false });
    await flow.idle();
    const count = missed;
    missed = 0;
    sweepReason = null;
    if (count > 0 && !engine.polling && !stopped)
      watching.doubt.raise("sweep_found_changes", null, count);
  }

  /** After everything the sweep found is durable: then, and not before, the roots count as seen. */
  function completeBaselines(roots: readonly Root[]): void {
    const fresh = roots.map(baselineOf).filter(({ rootId }) => !seen(rootId));
    if (fresh.length === 0) return;
    const onDurable = () => {
      for (const targetId of store.completeBaselines(fresh, runtime.now())) {
        const counted = store.countTarget(targetId);
        writer.health(
          { kind: "baseline_completed", target_id: targetId, ...counted },
          { targetId },
        );
      }
    };
    recorder.push({ line: null, kind: null, writes: [], onDurable });
  }

  function seen(rootId: string): boolean {
    return store.isBaselined(rootId);
  }

  function onDoubt(reason: DoubtReason, detail: string | null, count: number | null): void {
    runtime.log.warn({ reason, detail, missed: count }, "what the watchers say may be incomplete");
    if (reason === "watches_exhausted")
      conditions.raise("watching-by-polling", detail ?? "no watches left");
    writer.health({ kind: "watcher_degraded", reason, missed: count, detail });
  }

  function onHint(path: PathKey, source: HintSource): void {
    burst.count(runtime.monotonic());
    if (isProjectRecord(path)) scheduleReplan();
    settle.hint(path, source);
  }

  function scheduleReplan(): void {
    replanTimer ??= setTimeout(() => {
      replanTimer = undefined;
      engine.replan().catch((error: unknown) => options.onFailure("projects", messageOf(error)));
    }, REPLAN_DELAY_MS).unref();
  }

  const watching = await startWatching(
    await plan(),
    { config: runtime.config, settings, poll, hasher: runtime.hasherChoice },
    {
      hint: onHint,
      storedBelow: (path, limit) => store.below(path, limit),
      isBaselined: (root) => seen(baselineOf(root).rootId),
      onFindings,
      onSwept,
      onSweepFailed: (message) => options.onFailure("sweep", message),
      onDoubt,
      projectsMayHaveChanged: scheduleReplan,
      monotonic: runtime.monotonic,
    },
  );

  const engine: Engine = {
    watching,
    settle,
    flow,
    latency,
    policy,
    get polling() {
      return poll || watching.tracker.exhausted;
    },
    async replan() {
      const next = await plan();
      if (stopped || sameProjects(next, watching.plan())) return;
      await watching.replace(next);
      watching.sweeper.request("policy");
    },
    async stop() {
      stopped = true;
      clearTimeout(replanTimer);
      rateNotes.close();
      await watching.close();
      settle.flush();
      await flow.idle();
      settle.close();
    },
  };
  if (poll) {
    const why = silent ?? "asked for by --poll or watch.poll";
    conditions.raise("watching-by-polling", why);
    watching.doubt.raise("polling", why);
  } else conditions.clear("watching-by-polling");
  watching.sweeper.request(options.reason);
  return engine;
}

/** A home on a filesystem that sends no events (NFS, SMB, FUSE); null: all send them, or it cannot be told. */
async function silentHome(runtime: Runtime): Promise<string | null> {
  const { homes } = await homesOf(runtime.config);
  for (const home of homes) {
    const filesystem = await filesystemOf(home.path, runtime.config.platform);
    if (filesystem.deliversEvents === "no")
      return `${home.path} is on ${filesystem.name}, which sends no events`;
  }
  return null;
}

const RECORDS = [
  ".claude.json",
  join(".codex", "config.toml"),
  join(".gemini", "trustedFolders.json"),
  join(".gemini", "projects.json"),
];

function isProjectRecord(path: PathKey): boolean {
  return RECORDS.some((record) => path.endsWith(record));
}

function sameProjects(a: Plan, b: Plan): boolean {
  return (
    a.projects.length === b.projects.length &&
    a.projects.every((project, index) => project === b.projects[index])
  );
}
