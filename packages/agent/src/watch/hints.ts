import type { HintSource, PathKey } from "@sigil/core/plain";
import { isOwn } from "../fs/apart.ts";
import type { Plan } from "../policy/plan.ts";
import { isProjectRecord } from "../projects/records.ts";

export interface HintPorts {
  plan(): Plan;
  /** A watcher tells of the path, whatever becomes of it. */
  hinted(path: PathKey): void;
  /** Other projects may be known than before. */
  projectsMayHaveChanged(): void;
  /** The path is to be looked at. */
  accept(path: PathKey, source: HintSource): void;
}

/** What the watchers say, on its way to being looked at. */
export interface Hints {
  readonly take: (path: PathKey, source: HintSource) => void;
  /** The watchers are set: what they said before is taken up. */
  begin(): void;
}

const EARLY_MAX = 10_000;

export function createHints(ports: HintPorts): Hints {
  /** Hinted while the watchers were being set; null: all of them are. */
  let early: Set<PathKey> | null = new Set();

  function take(path: PathKey, source: HintSource): void {
    if (early !== null) {
      // What is too much to keep is found by the sweep of the start.
      if (early.size < EARLY_MAX) early.add(path);
      return;
    }
    ports.hinted(path);
    if (isProjectRecord(path)) ports.projectsMayHaveChanged();
    // A target of many files may have the agent's own among them: what it writes must not make it write.
    if (isOwn(path) && ports.plan().matcher.match(path)?.root.base !== path) return;
    ports.accept(path, source);
  }

  return {
    take,
    begin() {
      const waiting = early ?? [];
      early = null;
      for (const path of waiting) take(path, "watch");
    },
  };
}
