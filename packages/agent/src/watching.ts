import type { HintSource, PathKey, Root, Settings } from "@sigil/core/plain";
import { ownDirectories, type Config } from "./config.ts";
import type { Plan } from "./policy/plan.ts";
import { createSweepClient, type SweepClient } from "./sweep/client.ts";
import type { WorkerPlan } from "./sweep/finding.ts";
import { createDoubt, type Doubt } from "./watch/doubt.ts";
import { createOverflow, type Overflow } from "./watch/overflow.ts";
import { startPatrol, type PatrolPorts } from "./watch/patrol.ts";
import type { DoubtReason, TrackerOptions } from "./watch/ports.ts";
import { createRecheck } from "./watch/recheck.ts";
import { createSweeper, type SweepDone, type Sweeper, type SweeperPorts } from "./watch/sweeper.ts";
import { createTracker, type Tracker } from "./watch/tracker.ts";

export interface WatchingPorts {
  readonly hint: (path: PathKey, source: HintSource) => void;
  readonly noticed: () => void;
  readonly storedBelow: (path: PathKey, limit: number) => PathKey[];
  readonly stored: PatrolPorts["stored"];
  readonly isBaselined: (root: Root) => boolean;
  readonly onFindings: SweeperPorts["onFindings"];
  readonly onSwept: (done: SweepDone) => Promise<void>;
  readonly onSweepFailed: (message: string) => void;
  readonly onDoubt: (reason: DoubtReason, detail: string | null, missed: number | null) => void;
  readonly projectsMayHaveChanged: () => void;
  readonly monotonic: () => number;
}

/** Everything that finds changes: watchers for hints, sweeps for the truth, doubt between them. */
export interface Watching {
  readonly tracker: Tracker;
  readonly sweeper: Sweeper;
  readonly client: SweepClient;
  readonly doubt: Doubt;
  readonly overflow: Overflow;
  plan(): Plan;
  /** Watches another plan; the old watchers stay until the new ones are set. */
  replace(plan: Plan): Promise<void>;
  close(): Promise<void>;
}

export interface WatchingOptions {
  readonly config: Config;
  readonly settings: Settings;
  readonly poll: boolean;
  readonly hasher: "auto" | "wasm";
}

/** Longer than from a doubt to its sweep, whose findings may have no room either. */
const OVERFLOW_QUIET_MS = 5000;

export async function startWatching(
  first: Plan,
  options: WatchingOptions,
  ports: WatchingPorts,
): Promise<Watching> {
  const { settings } = options;
  let plan = first;
  let started = false;
  const client = createSweepClient(workerPlan(plan, options));
  const sweeper = sweeperOf(client, () => plan, options, ports);
  const doubt = createDoubt(settings.sweep.doubt_delay_ms, {
    report: ports.onDoubt,
    renew: () => tracker.renew(),
    // Before all watchers are set nobody takes findings yet, and the sweep of the start comes anyway.
    sweep: () => started && sweeper.request("doubt"),
  });
  const overflow = overflowOf(settings.settle.max_pending, doubt, ports);
  const recheck = createRecheck(
    settings.watch.recheck_ms,
    () => started && sweeper.request("poll", "standard"),
  );
  function track(of: Plan): Tracker {
    return createTracker(of, trackerOptions(options), {
      hint: ports.hint,
      noticed: ports.noticed,
      doubt: (reason, detail) => doubt.raise(reason, detail),
      storedBelow: ports.storedBelow,
      projectsMayHaveChanged: ports.projectsMayHaveChanged,
      treeActive: recheck.soon,
    });
  }

  let tracker = track(plan);
  await tracker.start();
  started = true;
  const patrol = startPatrol(settings.watch.patrol_ms, {
    watched: () => tracker.directories,
    check: (directory) => tracker.check(directory),
    stored: ports.stored,
    differs: (path) => ports.hint(path, "sweep"),
  });
  return {
    get tracker() {
      return tracker;
    },
    sweeper,
    client,
    doubt,
    overflow,
    plan: () => plan,
    async replace(next) {
      const previous = tracker;
      plan = next;
      client.setPlan(workerPlan(next, options));
      tracker = track(next);
      await tracker.start();
      await previous.close();
    },
    async close() {
      patrol.close();
      recheck.close();
      overflow.close();
      doubt.close();
      sweeper.close();
      await tracker.close();
      await client.close();
    },
  };
}

function overflowOf(places: number, doubt: Doubt, { onDoubt }: WatchingPorts): Overflow {
  return createOverflow(OVERFLOW_QUIET_MS, {
    begin: () => doubt.raise("pending_overflow", `${places} paths are waiting or on their way`),
    again: () => doubt.again("pending_overflow"),
    end: (left) => onDoubt("pending_overflow", `over: ${left} hints were left to sweeps`, null),
  });
}

function sweeperOf(
  client: SweepClient,
  plan: () => Plan,
  { settings }: WatchingOptions,
  ports: WatchingPorts,
): Sweeper {
  return createSweeper({
    client,
    plan,
    isBaselined: ports.isBaselined,
    onFindings: ports.onFindings,
    onDone: ports.onSwept,
    onFailed: ports.onSweepFailed,
    monotonic: ports.monotonic,
    pollPercent: settings.watch.poll_percent,
    doubtPercent: settings.sweep.doubt_percent,
  });
}

function trackerOptions({ settings, poll }: WatchingOptions): TrackerOptions {
  return {
    maxShallow: settings.watch.max_shallow,
    maxDepth: settings.sweep.max_depth,
    retryMs: settings.watch.retry_ms,
    trees: {
      maxEntries: settings.watch.max_tree_entries,
      maxDepth: settings.watch.max_tree_depth,
    },
    poll,
  };
}

function workerPlan(plan: Plan, options: WatchingOptions): WorkerPlan {
  return {
    stateDb: options.config.paths.state,
    own: ownDirectories(options.config),
    roots: plan.roots,
    platform: plan.platform,
    settings: options.settings,
    hasher: options.hasher,
    linkOwners: plan.roots.map((root) => {
      const owners = plan.linkOwners(root);
      return owners === null ? null : [...owners];
    }),
  };
}
