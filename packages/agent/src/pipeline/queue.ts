import type { PathKey, SettledPath, Tier } from "@sigil/core/plain";

/** Settled paths waiting to be looked at, each once; critical ones leave first. */
export interface PathQueue {
  add(path: SettledPath): void;
  /** Up to `limit` paths of one tier. */
  take(limit: number): SettledPath[];
  readonly size: number;
}

export function createPathQueue(): PathQueue {
  const queues: Readonly<Record<Tier, Map<PathKey, SettledPath>>> = {
    critical: new Map(),
    standard: new Map(),
  };
  return {
    add(path) {
      const waiting = queues.critical.get(path.path) ?? queues.standard.get(path.path);
      const next = waiting ? fold(waiting, path) : path;
      if (waiting && waiting.tier !== next.tier) queues[waiting.tier].delete(path.path);
      queues[next.tier].set(path.path, next);
    },
    take(limit) {
      const queue = queues.critical.size > 0 ? queues.critical : queues.standard;
      const batch: SettledPath[] = [];
      for (const path of queue.values()) {
        if (batch.length === limit) break;
        batch.push(path);
        queue.delete(path.path);
      }
      return batch;
    },
    get size() {
      return queues.critical.size + queues.standard.size;
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
