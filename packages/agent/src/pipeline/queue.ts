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
      const queue = queues[path.tier];
      const waiting = queue.get(path.path);
      queue.set(path.path, waiting ? fold(waiting, path) : path);
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
    found: earlier.found && later.found,
    hints: earlier.hints + later.hints,
    bursts: earlier.bursts + later.bursts,
    since: earlier.since,
  };
}
