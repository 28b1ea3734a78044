import { setTimeout as sleep } from "node:timers/promises";
import type { PathKey } from "@sigil/core/plain";

/** Which changes were found that no watcher told of, neither before nor a while after. */
export interface Missed {
  /** A look that should find nothing is about to be taken at a path, or says that it differs. */
  suspect(path: PathKey): void;
  /** A watcher tells of a path after all. */
  hinted(path: PathKey): void;
  /** The path was looked at and had changed. */
  confirm(path: PathKey): void;
  /** Waits for late hints, counts what is confirmed and was not hinted since, and begins anew. */
  judge(): Promise<number>;
}

/** Paths remembered at once: beyond it the number told is too low, never too high. */
const SUSPECTS_MAX = 100_000;

/** @param lateMs how late a hint may come @param idle resolves when what was found is compared */
export function createMissed(lateMs: number, idle: () => Promise<void>): Missed {
  const paths = new Map<PathKey, "suspect" | "missed">();
  return {
    suspect(path) {
      if (paths.size < SUSPECTS_MAX && !paths.has(path)) paths.set(path, "suspect");
    },
    hinted: (path) => void paths.delete(path),
    confirm(path) {
      if (paths.has(path)) paths.set(path, "missed");
    },
    async judge() {
      await sleep(lateMs, undefined, { ref: false });
      await idle();
      const count = [...paths.values()].filter((what) => what === "missed").length;
      paths.clear();
      return count;
    },
  };
}
