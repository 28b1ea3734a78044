import type { PathKey, SettledPath } from "@sigil/core/plain";

/** Paths waiting, each once, in lanes that take turns: a flood in one of them keeps no path of another waiting. */
export interface Lanes {
  get(path: PathKey): SettledPath | undefined;
  /** A path that waits keeps its place. */
  set(path: SettledPath): void;
  take(limit: number): SettledPath[];
  readonly size: number;
}

/** Of one lane, in the order they came; those before `next` have been taken. */
interface Lane {
  paths: PathKey[];
  next: number;
}

/** Paths taken that a lane keeps at most: one that is never empty would keep all it ever had. */
const TAKEN_MAX = 1024;

/** @param laneOf asked only when more wait than are taken at once */
export function createLanes(laneOf: (path: PathKey) => string): Lanes {
  const waiting = new Map<PathKey, SettledPath>();
  const lanes = new Map<string, Lane>();
  let unsorted: PathKey[] = [];

  function sort(): void {
    for (const path of unsorted) {
      const name = laneOf(path);
      const lane = lanes.get(name);
      if (lane) lane.paths.push(path);
      else lanes.set(name, { paths: [path], next: 0 });
    }
    unsorted = [];
  }

  function nextOf(lane: Lane): SettledPath | undefined {
    const path = lane.paths[lane.next];
    lane.next += 1;
    if (lane.next > TAKEN_MAX) {
      lane.paths = lane.paths.slice(lane.next);
      lane.next = 0;
    }
    const settled = path === undefined ? undefined : waiting.get(path);
    if (settled) waiting.delete(settled.path);
    return settled;
  }

  function takeAll(): SettledPath[] {
    const all = [...waiting.values()];
    waiting.clear();
    lanes.clear();
    unsorted = [];
    return all;
  }

  return {
    get: (path) => waiting.get(path),
    set(path) {
      if (!waiting.has(path.path)) unsorted.push(path.path);
      waiting.set(path.path, path);
    },
    take(limit) {
      if (waiting.size <= limit) return takeAll();
      sort();
      const batch: SettledPath[] = [];
      for (const [name, lane] of lanes) {
        if (batch.length === limit) break;
        const settled = nextOf(lane);
        // To the end of the line, where this loop meets it again.
        lanes.delete(name);
        if (lane.next < lane.paths.length) lanes.set(name, lane);
        if (settled) batch.push(settled);
      }
      return batch;
    },
    get size() {
      return waiting.size;
    },
  };
}
