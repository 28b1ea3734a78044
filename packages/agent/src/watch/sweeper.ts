import { messageOf, rootId, type Root } from "@sigil/core/plain";
import type { Plan } from "../policy/plan.ts";
import type { SweepClient } from "../sweep/client.ts";
import type { Finding, OnFindings, SweepTotals } from "../sweep/finding.ts";
import { findingsOf, type PlainRows } from "../sweep/rows.ts";
import { isTree } from "./forest.ts";
import { createPace, type Pace, type Part } from "./pace.ts";

export type SweepReason = "start" | "interval" | "doubt" | "policy" | "poll";

export interface SweeperPorts {
  readonly client: SweepClient;
  plan(): Plan;
  isBaselined(root: Root): boolean;
  /** `rows`: of roots without a baseline under the plan in force. */
  onFindings(
    findings: readonly Finding[],
    rows: PlainRows | null,
    reason: SweepReason,
  ): Promise<void>;
  /** All findings of the sweep have been handed over; resolves when what came of them is compared. */
  onDone(done: SweepDone): Promise<void>;
  onFailed(message: string): void;
  readonly monotonic: () => number;
  /** Share of the time that polls may take: one that took long is not repeated as often as it is asked for. */
  readonly pollPercent: number;
  /** Share of the time that sweeps because of doubts may take; critical targets are swept at each doubt. */
  readonly doubtPercent: number;
}

export interface SweepDone {
  readonly reason: SweepReason;
  readonly part: Part;
  /** Roots walked to their end, or to their limit. */
  readonly roots: readonly Root[];
  readonly truncated: readonly Root[];
  readonly totals: SweepTotals;
  readonly durationMs: number;
}

/** Runs sweeps one after another; what is asked for meanwhile is one more sweep after it. */
export interface Sweeper {
  request(reason: SweepReason, which?: Exclude<Part, "all">): void;
  /** Monotonic milliseconds of the end of the last whole sweep, or null. */
  readonly lastFinished: number | null;
  readonly running: SweepReason | null;
  /** Resolves when nothing is running or asked for: never, where each sweep gives reason for the next. */
  idle(): Promise<void>;
  /** Resolves when one sweep of everything is through, or none is running or asked for. */
  first(): Promise<void>;
  close(): void;
}

interface Wanted {
  reason: SweepReason;
  which: Part;
}

/** Plans under which was looked for stored paths that they do not mean: once is enough. */
const strayless = new WeakSet<Plan>();

const RANK: Readonly<Record<SweepReason, number>> = {
  poll: 0,
  interval: 1,
  doubt: 2,
  policy: 3,
  start: 4,
};

export function createSweeper(ports: SweeperPorts): Sweeper {
  let wanted: Wanted | null = null;
  let running: SweepReason | null = null;
  let lastFinished: number | null = null;
  let closed = false;
  let loop: Promise<void> | null = null;
  let current: Promise<void> = Promise.resolve();
  const polls = createPace(ports.pollPercent, ports.monotonic, (which) => begin("poll", which));
  // It may be too early again: other sweeps were made meanwhile.
  const doubts = createPace(ports.doubtPercent, ports.monotonic, (which) => ask("doubt", which));

  async function run(): Promise<void> {
    while (wanted !== null && !closed) {
      const next: Wanted = wanted;
      wanted = null;
      running = next.reason;
      current = attempt(next);
      await current;
      running = null;
      postpone();
    }
    loop = null;
  }

  async function attempt(next: Wanted): Promise<void> {
    try {
      const paces = next.reason === "doubt" ? [polls, doubts] : [polls];
      const through = await one(next, ports, paces, () => closed);
      if (through && next.which === "all") lastFinished = ports.monotonic();
    } catch (error) {
      if (!closed) ports.onFailed(messageOf(error));
    }
  }

  function begin(reason: SweepReason, which: Wanted["which"]): void {
    if (closed) return;
    wanted = merge(wanted, { reason, which });
    loop ??= run();
  }

  function ask(reason: SweepReason, which: Part): void {
    if (closed || (reason === "poll" && !polls.allows(which))) return;
    // Under growth without end each sweep gives reason for the next: only the critical targets are swept each time.
    const early = reason === "doubt" && which !== "critical" && !doubts.allows("standard");
    if (!early) begin(reason, which);
    else if (which === "all") begin(reason, "critical");
  }

  /** A doubt that came during a sweep is no more urgent than one that comes after it. */
  function postpone(): void {
    if (wanted?.reason !== "doubt") return;
    const { reason, which } = wanted;
    wanted = null;
    ask(reason, which);
  }

  return {
    request: (reason, which) => ask(reason, which ?? "all"),
    get lastFinished() {
      return lastFinished;
    },
    get running() {
      return running;
    },
    async idle() {
      while (loop) await loop;
    },
    async first() {
      while (loop && lastFinished === null) await current;
    },
    close() {
      closed = true;
      polls.close();
      doubts.close();
      wanted = null;
      ports.client.abort();
    },
  };
}

/** @returns whether the sweep went through under the plan that is in force */
async function one(
  next: Wanted,
  ports: SweeperPorts,
  paces: readonly Pace[],
  isClosed: () => boolean,
): Promise<boolean> {
  const started = ports.monotonic();
  const plan = ports.plan();
  const indexes = chosen(plan, next.which);
  const first = plan.roots.flatMap((root, index) => (ports.isBaselined(root) ? [] : [index]));
  const strays = next.which === "all" && !strayless.has(plan);
  const take: OnFindings = (findings, rows) => {
    if (rows === null || plan === ports.plan())
      return ports.onFindings(findings, rows, next.reason);
    // What another plan makes of them is found out one by one.
    return ports.onFindings([...findings, ...findingsOf(rows)], null, next.reason);
  };
  const totals = await ports.client.sweep(indexes, first, take, strays);
  for (const pace of paces) pace.took(next.which, ports.monotonic() - started);
  if (isClosed() || totals.aborted || plan !== ports.plan()) return false;
  const at = (index: number) => plan.roots[index] as Root;
  await ports.onDone({
    reason: next.reason,
    part: next.which,
    roots: indexes.map(at),
    truncated: totals.truncated.map(at),
    totals,
    durationMs: ports.monotonic() - started,
  });
  if (strays) strayless.add(plan);
  return true;
}

function merge(before: Wanted | null, next: Wanted): Wanted {
  if (!before) return next;
  const reason = RANK[next.reason] > RANK[before.reason] ? next.reason : before.reason;
  return { reason, which: before.which === next.which ? next.which : "all" };
}

/** Critical roots first: a large tree must not keep them waiting. */
function chosen(plan: Plan, which: Wanted["which"]): number[] {
  const indexes = plan.roots.map((_, index) => index);
  const isCritical = (index: number) => plan.roots[index]?.tier === "critical";
  if (which === "critical") return indexes.filter(isCritical);
  if (which === "standard") return indexes.filter((index) => !isCritical(index));
  const rank = (index: number) =>
    isCritical(index) ? 0 : isTree(plan.roots[index] as Root) ? 2 : 1;
  return indexes.toSorted((a, b) => rank(a) - rank(b));
}

/** The name a root's baseline is stored under. */
export function baselineOf(root: Root): { rootId: string; targetId: string } {
  return { rootId: rootId(root), targetId: root.targetId };
}
