import { setTimeout } from "node:timers/promises";
import { messageOf, type PathKey } from "@sigil/core/plain";
import { nodeFiles, watchLimits } from "@sigil/host";
import { createBurstMeter } from "./health/burst.ts";
import { Unreadable } from "./health/unreadable.ts";
import { createUntold, type Untold } from "./health/untold.ts";
import type { Change } from "./pipeline/compare.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import type { PolicyInForce } from "./policy/effective.ts";
import { planHere, samePlaces } from "./policy/places.ts";
import type { Plan } from "./policy/plan.ts";
import { createProjectsLimit, type ProjectsLimit } from "./projects/limit.ts";
import { createSearch, type Search } from "./projects/search.ts";
import { startAssessing, type Assessing } from "./risk/assessing.ts";
import { holdFor } from "./risk/hold.ts";
import type { Runtime } from "./runtime.ts";
import { createHints, type Hints } from "./watch/hints.ts";
import { createOutcome, type Outcome } from "./watch/outcome.ts";
import { silentHome } from "./watch/silent.ts";
import { baselineOf, type SweepReason } from "./watch/sweeper.ts";
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
/** Without a kernel limit to go by (not Linux), the default of Linux. */
const QUEUE_DEFAULT = 16_384;

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { runtime, policy } = options;
  const limits = await watchLimits({ platform: runtime.config.platform, files: nodeFiles() });
  const silent = await silentHome(runtime.config);
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
  readonly pipeline: Pipeline;
  readonly #options: EngineOptions;
  readonly #runtime: Runtime;
  readonly #poll: boolean;
  readonly #unreadable: Unreadable;
  readonly #burst: ReturnType<typeof createBurstMeter>;
  readonly #assessing: Assessing;
  #watching: Watching | null = null;
  readonly #hints: Hints;
  readonly #untold: Untold;
  readonly #outcome: Outcome;
  readonly #search: Search;
  readonly #projects: ProjectsLimit;
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
    this.#burst = createBurstMeter(Math.floor(queued / 2), (count) =>
      this.watching.doubt.raise("hint_burst", `${count} file events within a second`),
    );
    this.#projects = createProjectsLimit(runtime.conditions, (detail) =>
      this.watching.doubt.raise("sweep_limit", detail),
    );
    this.#hints = createHints({
      plan: () => this.plan(),
      hinted: (path) => this.#untold.hinted(path),
      projectsMayHaveChanged: this.#search.soon,
      accept: (path, source) => this.pipeline.settle.hint(path, source),
    });
    this.#untold = createUntold(settings, {
      after: (path, limit) => runtime.store.hashedAfter(path, limit),
      look: (path) => this.pipeline.settle.hint(path, "sweep"),
      recheck: (path) => this.pipeline.settle.recheck(path),
      compared: () => this.pipeline.flow.idle(),
      polling: () => this.pollingStandard,
      onMissed: (count) => this.watching.doubt.raise("sweep_found_changes", null, count),
      onFailed: (error) => runtime.log.error(messageOf(error)),
    });
    this.#assessing = startAssessing(runtime, policy, {
      targetOf: (path) => this.#targetOf(path),
      onScripts: () => this.#search.soon(),
    });
    this.pipeline = createPipeline(runtime, settings, {
      plan: () => this.plan(),
      observeLarge: (path, root) => this.watching.client.observe(path, root),
      setHops: (path, hops) => this.watching.tracker.setHops(path, hops),
      record: (change) => this.#record(change),
      onUnreadable: (path, operation, errno) => this.#unreadable.note(path, operation, errno),
      onOverflow: () => this.watching.overflow.add(),
    });
    this.#outcome = createOutcome({
      runtime,
      settings: settings.sweep,
      unreadable: this.#unreadable,
      untold: this.#untold,
      flow: this.pipeline.flow,
      look: (path) => this.pipeline.settle.hint(path, "sweep"),
      setHops: (path, hops) => this.watching.tracker.setHops(path, hops),
      onTruncated: (bases) => this.watching.doubt.raise("sweep_limit", bases),
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
      hint: this.#hints.take,
      noticed: () => this.#watching && this.#burst.count(this.#runtime.monotonic()),
      storedBelow: (path, limit) => this.#knownBelow(path, limit),
      stored: (directory, limit) => this.#runtime.store.inDirectory(directory, limit),
      isBaselined: (root) => this.#runtime.store.isBaselined(baselineOf(root).rootId),
      onFindings: (findings, rows, reason) => this.#outcome.found(findings, rows, reason),
      onSwept: (done) => this.#outcome.swept(done),
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
    this.#projects.tell(this.plan());
    this.#hints.begin();
    this.watching.sweeper.request(this.#options.reason);
    await this.#assessing.plan(this.plan());
  }

  /** Looks for projects again; watches another plan when they changed. */
  async replan(): Promise<void> {
    // Asked for by a watcher before all of them are set: asked again.
    if (!this.#watching) return this.#search.soon();
    const next = await this.#makePlan();
    if (this.#stopped) return;
    this.#projects.tell(next);
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

  /** Lets what is waiting through, then stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#search.close();
    this.#untold.close();
    await this.#watching?.close();
    await this.pipeline.close();
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
    await this.pipeline.flow.idle();
    await this.#assessing.idle();
  }

  /** Gives memory back. @returns false when there is none to give */
  relieve(): boolean {
    return this.#assessing.relieve();
  }

  #makePlan(): Promise<Plan> {
    return planHere(this.#runtime, this.policy.policy, () => this.#assessing.scripts);
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
    if (change.event?.evidence.evidence_quality === "delayed") this.#untold.confirm(change.path);
    this.#runtime.writer.change(change, holdFor(change, this.#assessing));
  }

  #onDoubt(reason: DoubtReason, detail: string | null, missed: number | null): void {
    const { log, conditions, writer } = this.#runtime;
    log.warn({ reason, detail, missed }, "what the watchers say may be incomplete");
    if (reason === "watches_exhausted")
      conditions.raise("watching-by-polling", detail ?? "no watches left");
    writer.health({ kind: "watcher_degraded", reason, missed, detail });
  }
}
