import { isWithin, type PathKey, type Root } from "@sigil/core";
import type { Plan } from "../../src/policy/plan.ts";
import type { TrackerOptions } from "../../src/watch/ports.ts";
import { createTracker, type Tracker } from "../../src/watch/tracker.ts";
import { planOf } from "../build.ts";

const OPTIONS: TrackerOptions = {
  maxShallow: 500,
  maxDepth: 20,
  retryMs: 50,
  trees: { maxEntries: 10_000, maxDepth: 64 },
  poll: false,
};

interface Given {
  readonly options?: Partial<TrackerOptions>;
  readonly plan?: Partial<Plan>;
  /** Acts while a hint is said: between two looks of the tracker. */
  readonly during?: (path: PathKey) => void;
}

const open: Tracker[] = [];

/** Watches roots; `hints` are the paths hinted so far, `stored` what the state is said to have. */
export async function startTracker(roots: readonly Root[], given: Given = {}) {
  const hints: PathKey[] = [];
  const doubts: string[] = [];
  const stored: PathKey[] = [];
  let projects = 0;
  let noticed = 0;
  const tracker = createTracker(
    planOf(roots, given.plan),
    { ...OPTIONS, ...given.options },
    {
      hint: (path) => {
        hints.push(path);
        given.during?.(path);
      },
      noticed: () => (noticed += 1),
      doubt: (reason) => void doubts.push(reason),
      storedBelow: (path, limit) => stored.filter((of) => isWithin(of, path)).slice(0, limit),
      projectsMayHaveChanged: () => (projects += 1),
      treeActive: () => undefined,
    },
  );
  open.push(tracker);
  await tracker.start();
  return { tracker, hints, doubts, stored, projects: () => projects, noticed: () => noticed };
}

export async function closeTrackers(): Promise<void> {
  await Promise.all(open.splice(0).map((tracker) => tracker.close()));
}
