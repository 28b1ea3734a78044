import { errnoOf, messageOf, type PathKey, type Settings } from "@sigil/core/plain";
import { basesOf, Truncated } from "../health/truncated.ts";
import type { Unreadable } from "../health/unreadable.ts";
import type { Untold } from "../health/untold.ts";
import type { Flow } from "../pipeline/flow.ts";
import type { Runtime } from "../runtime.ts";
import type { Finding } from "../sweep/finding.ts";
import type { PlainRows } from "../sweep/rows.ts";
import { completeBaselines } from "./baselines.ts";
import type { SweepDone, SweepReason } from "./sweeper.ts";

export interface OutcomePorts {
  readonly runtime: Runtime;
  readonly settings: Settings["sweep"];
  readonly unreadable: Unreadable;
  readonly untold: Untold;
  /** Takes what a sweep has read itself. */
  readonly flow: Pick<Flow, "first" | "plain" | "strays">;
  /** The path is to be looked at. */
  readonly look: (path: PathKey) => void;
  setHops(path: PathKey, hops: readonly PathKey[]): void;
  /** Roots were not walked to their end, for the first time. */
  onTruncated(bases: string): void;
}

/** What becomes of what sweeps find, and of their end. */
export interface Outcome {
  found(findings: readonly Finding[], rows: PlainRows | null, reason: SweepReason): Promise<void>;
  swept(done: SweepDone): Promise<void>;
}

export function createOutcome(ports: OutcomePorts): Outcome {
  const { runtime, unreadable, untold, flow } = ports;
  const truncated = new Truncated();

  return {
    async found(findings, rows, reason) {
      const look = untold.shouldFindNothing(reason) ? untold.suspect : ports.look;
      const first: Extract<Finding, { kind: "first" }>[] = [];
      const strays: PathKey[] = [];
      for (const finding of findings) {
        if (finding.kind === "first") first.push(finding);
        else if (finding.kind === "stray") strays.push(finding.path);
        else if (finding.kind === "unreadable")
          unreadable.note(finding.path, finding.operation, finding.errno);
        else if (finding.kind === "led") {
          // Polls come often, and find nothing that the sweep before them has not told.
          if (reason !== "poll") ports.setHops(finding.path, finding.hops);
        } else look(finding.path);
      }
      if (first.length > 0) await flow.first(first);
      if (strays.length > 0) await flow.strays(strays);
      if (rows !== null) await flow.plain(rows);
    },
    async swept(done) {
      const { log, now } = runtime;
      completeBaselines(runtime, done.roots);
      tellTruncated(truncated, done, ports);
      log.debug({ reason: done.reason, ...done.totals, ms: Math.round(done.durationMs) }, "swept");
      untold.swept(done.reason);
      if (done.reason === "poll" || done.part !== "all") return;
      unreadable.endOfSweep();
      note(runtime, "last_sweep", String(now()));
    },
  };
}

/** A note that cannot be written is missed by nobody: no sweep, and no agent, ends for it. */
function note({ store, log }: Runtime, key: string, value: string): void {
  try {
    store.setMeta(key, value);
  } catch (error) {
    log.warn({ code: errnoOf(error) }, `cannot note ${key}: ${messageOf(error)}`);
  }
}

function tellTruncated(truncated: Truncated, done: SweepDone, ports: OutcomePorts): void {
  const { conditions } = ports.runtime;
  const { max_entries: entries, max_depth: levels } = ports.settings;
  const fresh = truncated.swept(done.roots, done.truncated);
  if (truncated.roots.length === 0) conditions.clear("sweep-limit");
  else {
    const detail = `${basesOf(truncated.roots)}: more than ${entries} entries or ${levels} levels`;
    conditions.raise("sweep-limit", detail);
  }
  if (fresh.length > 0) ports.onTruncated(basesOf(fresh));
}
