import type { EvidenceOf, HintSource, PathKey } from "@sigil/core/plain";
import type { TreeLimits } from "./measure.ts";

/** Why what the watchers say may not be all there is. */
export type DoubtReason = EvidenceOf<"watcher_degraded">["reason"];

export interface TrackerPorts {
  hint(path: PathKey, source: HintSource): void;
  /** The system told of something, whether or not anybody wants to know: it took room in the kernel's queue. */
  noticed(): void;
  doubt(reason: DoubtReason, detail: string): void;
  /** Stored paths at or below a path, at most `limit`. */
  storedBelow(path: PathKey, limit: number): PathKey[];
  /** Something happened in a tree with a recursive watcher. */
  treeActive(): void;
  /** A change in a directory where projects are found or recorded. */
  projectsMayHaveChanged(): void;
}

export interface TrackerOptions {
  readonly maxShallow: number;
  readonly maxDepth: number;
  readonly retryMs: number;
  /** What the recursive watchers of large standard trees may hold. */
  readonly trees: TreeLimits;
  readonly poll: boolean;
}

/** Entries of a directory that came or went, hinted one by one; a larger one is left to a sweep. */
export const ANNOUNCE_MAX = 2000;
