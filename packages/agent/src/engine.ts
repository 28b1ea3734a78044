import { setTimeout } from "node:timers/promises";
import { errnoOf, messageOf, type HintSource, type PathKey, type Root } from "@sigil/core/plain";
import { filesystemOf, nodeFiles, watchLimits } from "@sigil/host";
import { createBurstMeter } from "./health/burst.ts";
import { createMissed, type Missed } from "./health/missed.ts";
import { Truncated } from "./health/truncated.ts";
import { Unreadable } from "./health/unreadable.ts";
import { createRateNotes, type RateNotes } from "./health/rates.ts";
import { homesOf } from "./machine.ts";
import type { Change } from "./pipeline/compare.ts";
import { createFlow, type Flow } from "./pipeline/flow.ts";
import { createLatency, type Latency } from "./pipeline/latency.ts";
import { createSettle, type Settle } from "./pipeline/settle.ts";
import type { PolicyInForce } from "./policy/effective.ts";
import { makePlan, type Plan } from "./policy/plan.ts";
import { isProjectRecord } from "./projects/records.ts";
import { createSearch, type Search } from "./projects/search.ts";
import { isOwn } from "./fs/apart.ts";
import { keyOfBytes } from "./fs/keys.ts";
import type { GuardHold } from "./risk/guards.ts";
import { startAssessing, type Assessing } from "./risk/assessing.ts";
import type { Runtime } from "./runtime.ts";
import type { Finding } from "./sweep/finding.ts";
import type { PlainRows } from "./sweep/rows.ts";
import { baselineOf, type SweepDone, type SweepReason } from "./watch/sweeper.ts";
import { createReread, type Reread } from "./watch/reread.ts";
import type { DoubtReason } from "./watch/ports.ts";
import { startWatching, type Watching } from "./watching.ts";

export interface EngineOptions {
  readonly runtime: Runtime;
  readonly policy: PolicyInForce;
  readonly poll: boolean;
  readonly reason: SweepReason;
  /** A part of the engine failed and must be started again. */
  onFailure(part: string, message: string): void;
}

const REPLAN_DELAY_MS = 500;
const EARLY_MAX = 10_000;
/** The library of the trees holds an event back for up to half a second; twice that is late. */
const LATE_HINT_MS = 1000;
/** Without a kernel limit to go by (not Linux), the default of Linux. */
const QUEUE_DEFAULT = 16_384;

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { runtime, policy } = options;
  const limits = await watchLimits({ platform: runtime.config.platform, files: nodeFiles() });
  const silent = await silentHome(runtime);
  const poll = options.poll || policy.policy.settings.watch.poll || silent !== null;
  const engine = new Engine(options, poll, limits.max_queued_events ?? QUEUE_DEFAULT);
  try {
    await engine.start(silent);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  return engine;
}

/** The flow from watchers to recorder under one policy. Another policy means another engine. */
export class Engine {
  readonly policy: PolicyInForce;
  readonly settle: Settle;
  readonly flow: Flow;
  readonly latency: Latency = createLatency();
  readonly #options: EngineOptions;
  readonly #runtime: Runtime;
  readonly #poll: boolean;
  readonly #unreadable: Unreadable;
  readonly #rates: RateNotes;
  readonly #burst: ReturnType<typeof createBurstMeter>;
  readonly #assessing: Assessing;
  readonly #truncated = new Truncated();
  #watching: Watching | null = null;
  /** Hinted while the watchers were being set: taken up when all of them are. */
  readonly #early = new Set<PathKey>();
  readonly #missed: Missed;
  readonly #reread: Reread;
  readonly #search: Search;
  #cut = "";
  #stopped = false;

  constructor(options: EngineOptions, poll: boolean, queued: number) {
    const { runtime, policy } = options;
    const { settings } = policy.policy;
    this.#options = options;
    this.#runtime = runtime;
    this.#poll = poll;
    this.policy = policy;
    this.#unreadable = new Unreadable(runtime, (path) => this.#targetOf(path));
    this.#search = createSearch(REPLAN_DELAY_MS, {
      look: () => this.replan(),
      onFailed: (error) => options.onFailure("projects", messageOf(error)),
      monotonic: runtime.monotonic,
    });
    this.#rates = createRateNotes(runtime.writer, () => this.plan());
    this.#burst = createBurstMeter(Math.floor(queued / 2), (count) =>
      this.watching.doubt.raise("hint_burst", `${count} file events within a second`),
    );
    this.#missed = createMissed(
      Math.max(settings.settle.standard_debounce_ms * 2, LATE_HINT_MS),
      () => this.flow.idle(),
    );
    this.#reread = createReread(
      { files: settings.sweep.reread_files, bytes: settings.sweep.reread_bytes },
      {
        after: (path, limit) => runtime.store.hashedAfter(path, limit),
        look: (path) => {
          this.#missed.suspect(path);
          this.settle.recheck(path);
        },
        onDone: () => void this.#judge(),
      },
    );
    this.#assessing = startAssessing(runtime, policy, {
      targetOf: (path) => this.#targetOf(path),
      onScripts: () => this.#search.soon(),
    });
    this.settle = createSettle(() => this.plan().matcher, settings, {
      monotonic: runtime.monotonic,
      onReady: (paths) => this.flow.accept(paths),
      beside: () => this.flow.waiting + runtime.recorder.waiting,
      onOverflow: () =>
        this.watching.doubt.raise(
          "pending_overflow",
          `${settings.settle.max_pending} paths are waiting`,
        ),
      onLimited: (limit, path, perMinute) => this.#rates.count(limit, path, perMinute),
    });
    this.flow = createFlow(settings, {
      store: runtime.store,
      recorder: runtime.recorder,
      hasher: runtime.hasher,
      latency: this.latency,
      plan: () => this.plan(),
      observeLarge: (path, root) => this.watching.client.observe(path, root),
      gitTracked: (path) => runtime.git.tracked(path),
      setHops: (path, hops) => this.watching.tracker.setHops(path, hops),
      hold: (path, delayMs) => this.settle.hold(path, delayMs),
      record: (change) => this.#record(change),
      onUnreadable: (path, operation, errno) => this.#unreadable.note(path, operation, errno),
      onFailed: (error) => this.#onLookFailed(error),
      onMended: () => runtime.conditions.clear("looking-failed"),
      now: runtime.now,
      monotonic: runtime.monotonic,
    });
  }

  get watching(): Watching {
    if (!this.#watching) throw new Error("the engine has not been started");
    return this.#watching;
  }

  get polling(): boolean {
    return this.#poll || this.watching.tracker.exhausted;
  }

  /** Also true when only large standard trees are polled: nothing critical is among them. */
  get pollingStandard(): boolean {
    return this.polling || this.watching.tracker.treesPolled;
  }

  /** Watches again what had to be polled, as far as the system allows it by now. */
  async regain(): Promise<void> {
    if (this.#stopped) return;
    if (await this.watching.tracker.regain()) this.watching.sweeper.request("doubt");
    if (!this.pollingStandard) this.#runtime.conditions.clear("watching-by-polling");
  }

  plan(): Plan {
    return this.watching.plan();
  }

  /** Watches, then sweeps. @param silent why no events are to be expected, or null */
  async start(silent: string | null): Promise<void> {
    const { config, hasherChoice, conditions } = this.#runtime;
    const { settings } = this.policy.policy;
    const options = { config, settings, poll: this.#poll, hasher: hasherChoice };
    // Before the watchers are set: they may raise it.
    conditions.clear("watching-by-polling");
    conditions.clear("looking-failed");
    conditions.clear("assessing-failed");
    this.#watching = await startWatching(await this.#makePlan(), options, {
      hint: (path, source) => this.#onHint(path, source),
      noticed: () => this.#watching && this.#burst.count(this.#runtime.monotonic()),
      storedBelow: (path, limit) => this.#knownBelow(path, limit),
      stored: (directory, limit) => this.#runtime.store.inDirectory(directory, limit),
      isBaselined: (root) => this.#runtime.store.isBaselined(baselineOf(root).rootId),
      onFindings: (findings, rows, reason) => this.#onFindings(findings, rows, reason),
      onSwept: (done) => this.#onSwept(done),
      onSweepFailed: (message) => this.#options.onFailure("sweep", message),
      onDoubt: (reason, detail, missed) => this.#onDoubt(reason, detail, missed),
      projectsMayHaveChanged: this.#search.soon,
      monotonic: this.#runtime.monotonic,
    });
    if (this.#poll) {
      const why = silent ?? "asked for by --poll or watch.poll";
      conditions.raise("watching-by-polling", why);
      this.watching.doubt.raise("polling", why);
    }
    conditions.clear("projects-limit");
    this.#tellCut(this.plan());
    for (const path of this.#early) this.#onHint(path, "watch");
    this.#early.clear();
    this.watching.sweeper.request(this.#options.reason);
    await this.#assessing.plan(this.plan());
  }

  /** Looks for projects again; watches another plan when they changed. */
  async replan(): Promise<void> {
    // Asked for by a watcher before all of them are set: asked again.
    if (!this.#watching) return this.#search.soon();
    const next = await this.#makePlan();
    if (this.#stopped) return;
    this.#tellCut(next);
    if (samePlaces(next, this.plan())) {
      this.watching.tracker.setLooked(next.looked);
      return;
    }
    await this.watching.replace(next);
    this.watching.sweeper.request("policy");
    await this.#assessing.plan(next);
  }

  /** For projects that no watcher tells of: it has no watch, or its watch says nothing. */
  lookForProjects(): void {
    this.#search.soon();
  }

  #tellCut({ cut }: Plan): void {
    const { conditions } = this.#runtime;
    const detail = cut.join(", ");
    if (detail === this.#cut) return;
    this.#cut = detail;
    if (detail === "") return conditions.clear("projects-limit");
    const told = `${detail}: not all directories are looked into for projects`;
    conditions.raise("projects-limit", told);
    this.watching.doubt.raise("sweep_limit", told);
  }

  /** Lets what is waiting through, then stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#search.close();
    this.#reread.close();
    this.#rates.close();
    await this.#watching?.close();
    this.settle.flush();
    await this.flow.idle();
    this.settle.close();
    await this.#assessing.close();
  }

  /**
   * Resolves when the first sweep is through, and soon after: where something is created or changed without end, there
   * is always more to compare, and always a sweep to come.
   * @param quietMs longest wait for a moment without anything to do
   */
  async first(quietMs: number): Promise<void> {
    await this.watching.sweeper.first();
    const enough = new AbortController();
    const late = setTimeout(quietMs, undefined, { ref: false, signal: enough.signal });
    await Promise.race([this.idle(), late.catch(() => undefined)]);
    enough.abort();
  }

  /** Resolves when everything found so far is compared and assessed. */
  async idle(): Promise<void> {
    await this.watching.sweeper.idle();
    await this.flow.idle();
    await this.#assessing.idle();
  }

  /** Gives memory back. @returns false when there is none to give */
  relieve(): boolean {
    return this.#assessing.relieve();
  }

  async #makePlan(): Promise<Plan> {
    const { config, log } = this.#runtime;
    const { homes, problems } = await homesOf(config);
    for (const problem of problems) log.warn(problem);
    const privileged = process.geteuid?.() === 0 && config.mode === "system";
    return makePlan({
      policy: this.policy.policy,
      platform: config.platform,
      homes,
      env: config.env,
      privileged,
      scripts: this.#assessing.scripts,
    });
  }

  /** What is stored of a directory, and what is on its way there: both may have gone with it. */
  #knownBelow(path: PathKey, limit: number): PathKey[] {
    const { store, recorder } = this.#runtime;
    const pending = recorder.pendingBelow(path, limit);
    return [...new Set([...store.below(path, limit), ...pending])].slice(0, limit);
  }

  #targetOf(path: PathKey): string | null {
    return this.plan().matcher.match(path)?.targetId ?? null;
  }

  #record(change: Change): void {
    if (change.event?.evidence.evidence_quality === "delayed") this.#missed.confirm(change.path);
    this.#runtime.writer.change(change, this.#assessed(change));
  }

  /** A guard file's change waits for its assessment when that can make it quieter. */
  #assessed(change: Change): GuardHold | null {
    if (!change.event || change.event.evidence.change_kind === "discovered") return null;
    if (change.from) this.#assessing.changed(keyOfBytes(change.from.path));
    const hold = this.#assessing.changed(change.path);
    return change.event.severity === "info" ? null : hold;
  }

  #onHint(path: PathKey, source: HintSource): void {
    if (!this.#watching) {
      // What is too much to keep is found by the sweep of the start.
      if (this.#early.size < EARLY_MAX) this.#early.add(path);
      return;
    }
    this.#missed.hinted(path);
    if (isProjectRecord(path)) this.#search.soon();
    // A target of many files may have the agent's own among them: what it writes must not make it write.
    if (isOwn(path) && this.plan().matcher.match(path)?.root.base !== path) return;
    this.settle.hint(path, source);
  }

  /** The path comes back through settle. */
  #onLookFailed(error: unknown): void {
    const { log, conditions } = this.#runtime;
    log.error({ code: errnoOf(error) }, `a path cannot be looked at: ${messageOf(error)}`);
    conditions.raise("looking-failed", messageOf(error));
  }

  #onDoubt(reason: DoubtReason, detail: string | null, missed: number | null): void {
    const { log, conditions, writer } = this.#runtime;
    log.warn({ reason, detail, missed }, "what the watchers say may be incomplete");
    if (reason === "watches_exhausted")
      conditions.raise("watching-by-polling", detail ?? "no watches left");
    writer.health({ kind: "watcher_degraded", reason, missed, detail });
  }

  async #onFindings(
    findings: readonly Finding[],
    rows: PlainRows | null,
    reason: SweepReason,
  ): Promise<void> {
    const suspicious = this.#shouldFindNothing(reason);
    const first: Extract<Finding, { kind: "first" }>[] = [];
    for (const finding of findings) {
      if (finding.kind === "first") first.push(finding);
      else if (finding.kind === "unreadable")
        this.#unreadable.note(finding.path, finding.operation, finding.errno);
      else if (finding.kind === "led") {
        // Polls come often, and find nothing that the sweep before them has not told.
        if (reason !== "poll") this.watching.tracker.setHops(finding.path, finding.hops);
      } else {
        if (suspicious) this.#suspect(finding.path);
        else this.settle.hint(finding.path, "sweep");
      }
    }
    if (first.length > 0) await this.flow.first(first);
    if (rows !== null) await this.flow.plain(rows);
  }

  /** What these find changed the watchers should have told of; a second look after activity in a tree is one of them. */
  #shouldFindNothing(reason: SweepReason): boolean {
    return reason === "interval" || (reason === "poll" && !this.pollingStandard);
  }

  async #onSwept(done: SweepDone): Promise<void> {
    const { log, now } = this.#runtime;
    this.#completeBaselines(done.roots);
    this.#tellTruncated(done);
    log.debug({ reason: done.reason, ...done.totals, ms: Math.round(done.durationMs) }, "swept");
    if (done.reason === "interval") this.#reread.begin();
    else if (this.#shouldFindNothing(done.reason) && !this.#reread.running) void this.#judge();
    if (done.reason === "poll") return;
    this.#unreadable.endOfSweep();
    this.#note("last_sweep", String(now()));
  }

  /** A note that cannot be written is missed by nobody: no sweep, and no agent, ends for it. */
  #note(key: string, value: string): void {
    try {
      this.#runtime.store.setMeta(key, value);
    } catch (error) {
      this.#runtime.log.warn({ code: errnoOf(error) }, `cannot note ${key}: ${messageOf(error)}`);
    }
  }

  #tellTruncated(done: SweepDone): void {
    const { conditions } = this.#runtime;
    const { max_entries: entries, max_depth: levels } = this.policy.policy.settings.sweep;
    const fresh = this.#truncated.swept(done.roots, done.truncated);
    const bases = [...new Set(this.#truncated.roots.map((root) => root.base))];
    if (bases.length === 0) conditions.clear("sweep-limit");
    else {
      const others = bases.length > 1 ? ` and ${bases.length - 1} others` : "";
      const detail = `${bases[0]}${others}: more than ${entries} entries or ${levels} levels`;
      conditions.raise("sweep-limit", detail);
    }
    const [root] = fresh;
    if (root) this.watching.doubt.raise("sweep_limit", root.base);
  }

  #suspect(path: PathKey): void {
    this.#missed.suspect(path);
    this.settle.hint(path, "sweep");
  }

  /** What such a sweep found, after its paths had time for a late hint, came without one. */
  async #judge(): Promise<void> {
    try {
      const missed = await this.#missed.judge();
      if (missed > 0 && !this.#stopped && !this.pollingStandard)
        this.watching.doubt.raise("sweep_found_changes", null, missed);
    } catch (error) {
      this.#runtime.log.error(messageOf(error));
    }
  }

  /** After everything the sweep found is durable: then, and not before, the roots count as seen. */
  #completeBaselines(roots: readonly Root[]): void {
    const { store, recorder, writer, now } = this.#runtime;
    const fresh = roots.map(baselineOf).filter(({ rootId }) => !store.isBaselined(rootId));
    if (fresh.length === 0) return;
    const onDurable = () => {
      const completed = store.completeBaselines(fresh, now());
      // All targets in one pass over the table: one for each would hold up everything when it is large.
      const counts = completed.length > 0 ? store.countTargets() : new Map<string, never>();
      for (const targetId of completed) {
        const counted = counts.get(targetId) ?? { files: 0, bytes: 0 };
        writer.health(
          { kind: "baseline_completed", target_id: targetId, ...counted },
          { targetId },
        );
      }
    };
    recorder.push({ line: null, kind: null, writes: [], onDurable });
  }
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

function samePlaces(a: Plan, b: Plan): boolean {
  return same(a.projects, b.projects) && same(a.scripts, b.scripts);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
