import { messageOf, rootId, type Root } from "@sigil/core/plain";
import type { Plan } from "../policy/plan.ts";
import type { SweepClient } from "../sweep/client.ts";
import type { Finding, SweepTotals } from "../sweep/finding.ts";
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
}

export interface SweepDone {
  readonly reason: SweepReason;
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
  const pace = createPace(ports.pollPercent, ports.monotonic, (which) => begin("poll", which));

  async function run(): Promise<void> {
    while (wanted !== null && !closed) {
      const next: Wanted = wanted;
      wanted = null;
      running = next.reason;
      current = attempt(next);
      await current;
      running = null;
    }
    loop = null;
  }

  async function attempt(next: Wanted): Promise<void> {
    try {
      const through = await one(next, ports, pace, () => closed);
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

  return {
    request(reason, which) {
      if (reason !== "poll" || pace.allows(which ?? "all")) begin(reason, which ?? "all");
    },
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
      pace.close();
      wanted = null;
      ports.client.abort();
    },
  };
}

/** @returns whether the sweep went through under the plan that is in force */
async function one(
  next: Wanted,
  ports: SweeperPorts,
  pace: Pace,
  isClosed: () => boolean,
): Promise<boolean> {
  const started = ports.monotonic();
  const plan = ports.plan();
  const indexes = chosen(plan, next.which);
  const first = plan.roots.flatMap((root, index) => (ports.isBaselined(root) ? [] : [index]));
  const totals = await ports.client.sweep(indexes, first, (findings, rows) => {
    if (rows === null || plan === ports.plan())
      return ports.onFindings(findings, rows, next.reason);
    // What another plan makes of them is found out one by one.
    return ports.onFindings([...findings, ...findingsOf(rows)], null, next.reason);
  });
  pace.took(next.which, ports.monotonic() - started);
  if (isClosed() || totals.aborted || plan !== ports.plan()) return false;
  const at = (index: number) => plan.roots[index] as Root;
  await ports.onDone({
    reason: next.reason,
    roots: indexes.map(at),
    truncated: totals.truncated.map(at),
    totals,
    durationMs: ports.monotonic() - started,
  });
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
