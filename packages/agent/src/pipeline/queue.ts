import type { PathKey, SettledPath } from "@sigil/core/plain";
import { createLanes } from "./lanes.ts";

/** Settled paths waiting to be looked at, each once; critical ones leave first. */
export interface PathQueue {
  add(path: SettledPath): void;
  /** Up to `limit` paths of one tier. */
  take(limit: number): SettledPath[];
  readonly size: number;
}

/** @param targetOf critical paths of different targets take turns: who floods one of them hides nothing in another */
export function createPathQueue(targetOf: (path: PathKey) => string): PathQueue {
  const critical = createLanes(targetOf);
  const standard = new Map<PathKey, SettledPath>();

  function takeStandard(limit: number): SettledPath[] {
    const batch: SettledPath[] = [];
    for (const path of standard.values()) {
      if (batch.length === limit) break;
      batch.push(path);
      standard.delete(path.path);
    }
    return batch;
  }

  return {
    add(path) {
      const waiting = critical.get(path.path) ?? standard.get(path.path);
      const next = waiting ? fold(waiting, path) : path;
      if (next.tier === "standard") standard.set(path.path, next);
      else {
        standard.delete(path.path);
        critical.set(next);
      }
    },
    take: (limit) => (critical.size > 0 ? critical.take(limit) : takeStandard(limit)),
    get size() {
      return critical.size + standard.size;
    },
  };
}

/** A path that settles again before it was looked at is looked at once. */
function fold(earlier: SettledPath, later: SettledPath): SettledPath {
  return {
    ...later,
    tier: earlier.tier === "critical" ? "critical" : later.tier,
    found: earlier.found && later.found,
    hints: earlier.hints + later.hints,
    bursts: earlier.bursts + later.bursts,
    since: earlier.since,
  };
}
