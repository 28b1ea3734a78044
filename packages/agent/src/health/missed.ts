import type { PathKey } from "@sigil/core/plain";

/** Which changes a sweep found that no watcher told of, neither before nor a while after. */
export interface Missed {
  /** A sweep that should find nothing says that a path differs. */
  suspect(path: PathKey): void;
  /** A watcher tells of a path after all. */
  hinted(path: PathKey): void;
  /** The path was looked at and had changed. */
  confirm(path: PathKey): void;
  /** Takes the number of changes confirmed and not hinted since, and begins anew. */
  take(): number;
}

/** Paths remembered at once: beyond it the number told is too low, never too high. */
const SUSPECTS_MAX = 100_000;

export function createMissed(): Missed {
  const paths = new Map<PathKey, "suspect" | "missed">();
  return {
    suspect(path) {
      if (paths.size < SUSPECTS_MAX && !paths.has(path)) paths.set(path, "suspect");
    },
    hinted: (path) => void paths.delete(path),
    confirm(path) {
      if (paths.has(path)) paths.set(path, "missed");
    },
    take() {
      const count = [...paths.values()].filter((what) => what === "missed").length;
      paths.clear();
      return count;
    },
  };
}
