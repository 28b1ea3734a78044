import {
  pairRenames,
  rootId,
  type Match,
  type PathKey,
  type RenameSide,
  type SettledPath,
  type Settings,
  type Snapshot,
  type StoredState,
} from "@sigil/core/plain";
import type { Hasher } from "../hash/hasher.ts";
import type { Plan } from "../policy/plan.ts";
import type { Store } from "../state/store.ts";
import type { Finding } from "../sweep/finding.ts";
import { compare, type Change, type RenamedFrom, type Seen } from "./compare.ts";
import type { Latency } from "./latency.ts";
import { observe, type Observation } from "./observe.ts";
import type { Recorder } from "./record.ts";

export interface FlowPorts {
  readonly store: Store;
  readonly recorder: Recorder;
  readonly hasher: Hasher;
  readonly latency: Latency;
  plan(): Plan;
  /** Reads a large file elsewhere. */
  observeLarge(path: PathKey, root: number): Promise<Observation>;
  gitTracked(path: PathKey): Promise<boolean | null>;
  setHops(path: PathKey, hops: readonly PathKey[]): void;
  /** Puts a path back into settle. */
  hold(path: SettledPath, delayMs: number): void;
  record(change: Change): void;
  onUnreadable(path: PathKey, operation: "read" | "list", errno: string): void;
  now(): number;
}

/** Settled paths in, changes out: resolve → hash → compare, critical paths first, one path at a time. */
export interface Flow {
  accept(paths: readonly SettledPath[]): void;
  /** First sight of a path by a sweep that has read it already. */
  first(findings: readonly Extract<Finding, { kind: "first" }>[]): Promise<void>;
  readonly waiting: number;
  /** Resolves when all accepted paths have been compared. */
  idle(): Promise<void>;
}

/** Paths looked at before the event loop gets its turn. */
const CHUNK = 64;
const BUSY_RETRY_MS = 50;

export function createFlow(settings: Settings, ports: FlowPorts): Flow {
  const queues = {
    critical: new Map<PathKey, SettledPath>(),
    standard: new Map<PathKey, SettledPath>(),
  };
  const busy = new Set<PathKey>();
  let running: Promise<void> | null = null;

  function current(path: PathKey): StoredState | null {
    return ports.recorder.pending(path) ?? ports.store.get(path);
  }

  function context() {
    return {
      epoch: ports.store.epoch,
      hasher: ports.hasher,
      touchNoteMs: settings.record.touch_note_ms,
      generationFloor: ports.store.generationFloor(),
    };
  }

  function next(): SettledPath[] {
    const queue = queues.critical.size > 0 ? queues.critical : queues.standard;
    const batch: SettledPath[] = [];
    for (const path of queue.values()) {
      if (batch.length === CHUNK) break;
      batch.push(path);
      queue.delete(path.path);
    }
    return batch;
  }

  async function run(): Promise<void> {
    for (let batch = next(); batch.length > 0; batch = next()) {
      if (!ports.recorder.hasRoom) await ports.recorder.room();
      await pass(batch);
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = null;
  }

  /** One pass: everything is looked at first, so that both sides of a rename can be paired. */
  async function pass(batch: readonly SettledPath[]): Promise<void> {
    const seen: Seen[] = [];
    for (const settled of batch) {
      if (busy.has(settled.path)) ports.hold(settled, BUSY_RETRY_MS);
      else seen.push(...look(settled));
    }
    await emit(seen);
  }

  function look(settled: SettledPath): Seen[] {
    const match = ports.plan().matcher.match(settled.path);
    if (!match) return [];
    const started = performance.now();
    const observation = observe(settled.path, optionsFor(match));
    if (observation.kind === "deferred") {
      void lookLarge(settled, match);
      return [];
    }
    ports.latency.add(performance.now() - started);
    return toSeen(settled, match, observation);
  }

  async function lookLarge(settled: SettledPath, match: Match): Promise<void> {
    busy.add(settled.path);
    try {
      const root = ports
        .plan()
        .roots.indexOf(match.roots[match.roots.length - 1] ?? (undefined as never));
      const observation = await ports.observeLarge(settled.path, root);
      await emit(toSeen(settled, match, observation));
    } catch {
      // The reading thread ended: look again later, with a fresh one.
      ports.hold(settled, 1000);
    } finally {
      busy.delete(settled.path);
    }
  }

  function optionsFor(match: Match) {
    return {
      follow: match.followSymlinks,
      hasher: ports.hasher,
      maxBytes: settings.hash.max_bytes,
      attempts: settings.hash.attempts,
      inlineMaxBytes: settings.hash.inline_max_bytes,
      linkOwners: ports.plan().linkOwners(match.root),
    };
  }

  function toSeen(settled: SettledPath, match: Match, observation: Observation): Seen[] {
    if (observation.kind === "unreadable") {
      ports.onUnreadable(settled.path, "read", observation.errno);
      return [];
    }
    const snapshot = observation.kind === "present" ? observation.snapshot : null;
    ports.setHops(settled.path, observation.kind === "present" ? observation.hops : []);
    if (snapshot?.incomplete === "unreadable") ports.onUnreadable(settled.path, "read", "EACCES");
    const { path, found, hints, bursts } = settled;
    return [{ path, match, snapshot, found, hints, bursts, firstSight: found && unseen(match) }];
  }

  function unseen(match: Match): boolean {
    return match.roots.every((root) => !ports.store.isBaselined(rootId(root)));
  }

  let turn: Promise<unknown> = Promise.resolve();

  /** Comparing and recording a path is one step: the next one waits, wherever it comes from. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  }

  /** What is there before what is gone: a new path claims the old one it was renamed from. */
  function emit(seen: readonly Seen[]): Promise<void> {
    return inTurn(async () => {
      for (const one of seen) if (one.snapshot !== null) await emitOne(one, one.snapshot);
      for (const one of seen) if (one.snapshot === null) await emitOne(one, null);
    });
  }

  async function emitOne(seen: Seen, snapshot: Snapshot | null): Promise<void> {
    const before = current(seen.path);
    const fresh = snapshot !== null && (before?.snapshot ?? null) === null && !seen.firstSight;
    const renamed = fresh ? renamedFrom(seen.path, snapshot) : null;
    const change = compare(seen, before, renamed, ports.now(), context());
    if (!change) return;
    if (!change.event) {
      ports.record(change);
      return;
    }
    const git =
      change.event.evidence.change_kind === "removed" ? null : await ports.gitTracked(seen.path);
    ports.record({
      ...change,
      event: { ...change.event, evidence: { ...change.event.evidence, git_tracked: git } },
    });
  }

  async function emitFirst(finding: Extract<Finding, { kind: "first" }>): Promise<void> {
    const { path, snapshot } = finding;
    const match = ports.plan().matcher.match(path);
    // Known by now: a hint was quicker, and newer than what the sweep read.
    if (!match || current(path) !== null) return;
    ports.setHops(path, finding.hops);
    if (snapshot.incomplete === "unreadable") ports.onUnreadable(path, "read", "EACCES");
    await emitOne(
      { path, match, snapshot, found: true, hints: 0, bursts: 1, firstSight: unseen(match) },
      snapshot,
    );
  }

  function renamedFrom(path: PathKey, snapshot: Snapshot): RenamedFrom | null {
    const known = ports.store
      .byInode(snapshot.ino, snapshot.dev)
      .filter((old) => old.path !== path);
    const gone: (RenameSide & { state: StoredState })[] = [];
    for (const old of known) {
      const state = ports.recorder.pending(old.path) ?? old.state;
      if (state.snapshot && isGone(old.path))
        gone.push({ path: old.path, snapshot: state.snapshot, state });
    }
    const from = pairRenames(gone, [{ path, snapshot }]).get(path);
    const side = gone.find((old) => old.path === from);
    return side ? { path: side.path, state: side.state } : null;
  }

  function isGone(path: PathKey): boolean {
    const match = ports.plan().matcher.match(path);
    return (
      match === null ||
      observe(path, { ...optionsFor(match), inlineMaxBytes: 0, maxBytes: 0 }).kind === "absent"
    );
  }

  return {
    accept(paths) {
      for (const path of paths) {
        const queue = queues[path.tier];
        const waiting = queue.get(path.path);
        queue.set(path.path, waiting ? fold(waiting, path) : path);
      }
      running ??= run();
    },
    async first(findings) {
      if (!ports.recorder.hasRoom) await ports.recorder.room();
      await inTurn(async () => {
        for (const finding of findings) await emitFirst(finding);
      });
    },
    get waiting() {
      return queues.critical.size + queues.standard.size;
    },
    async idle() {
      while (running) await running;
    },
  };
}

/** A path that settles again before it was looked at is looked at once. */
function fold(earlier: SettledPath, later: SettledPath): SettledPath {
  return {
    ...later,
    found: earlier.found && later.found,
    hints: earlier.hints + later.hints,
    bursts: earlier.bursts + later.bursts,
    since: earlier.since,
  };
}
