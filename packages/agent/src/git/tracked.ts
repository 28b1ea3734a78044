import { bytePath } from "./bytes.ts";
import { placeOf } from "./discover.ts";
import { createIndexes } from "./indexes.ts";
import { DEFAULT_GIT_LIMITS, type GitLimits } from "./limits.ts";
import { isUnanswered, type UnknownReason } from "./reason.ts";
import { isListed } from "./view.ts";

/** Whether a path is tracked, or why that is not known. */
export type TrackedAnswer =
  | { readonly tracked: boolean }
  | { readonly tracked: null; readonly reason: UnknownReason };

export interface GitTracker {
  /**
   * Whether git tracks the file at an absolute path: true if the index of its repository lists the
   * path at any stage (also when merely intended to be added, or skipped by a sparse checkout),
   * false if it does not, null if there is no repository or it could not be read within bounds.
   * Directories above the file are resolved, the file itself is not: a tracked symlink is tracked.
   * Names are compared byte for byte, also on case-insensitive systems. Never rejects.
   */
  tracked: (path: string | Uint8Array) => Promise<boolean | null>;
  /** The same with the reason of a null. */
  trackedWhy: (path: string | Uint8Array) => Promise<TrackedAnswer>;
  /** Forgets every parsed index. Not needed for correctness: each answer checks the files' state. */
  invalidate: () => void;
}

/**
 * Reads git's index files itself, since running git would run a repository's `core.fsmonitor`.
 *
 * Asynchronous, because a cold index of the largest size takes a few hundred milliseconds: it is read
 * in chunks off the event loop and decoded in slices, so that a hostile repository cannot stall the
 * watcher. Finding the repository and checking the cache are some twenty synchronous calls that each
 * take microseconds, which is cheaper than a trip through the thread pool for each.
 */
export function createGitTracker(limits: Partial<GitLimits> = {}): GitTracker {
  const bounds: GitLimits = { ...DEFAULT_GIT_LIMITS, ...limits };
  const indexes = createIndexes(bounds);

  const trackedWhy = async (path: string | Uint8Array): Promise<TrackedAnswer> => {
    const absolute = bytePath(path, bounds.maxPathBytes);
    const place = isUnanswered(absolute) ? absolute : placeOf(absolute, bounds);
    if (isUnanswered(place)) return { tracked: null, reason: place.reason };
    const view = await indexes.view(place.gitDir, place.hashBytes);
    // A repository without an index has nothing added yet.
    const listed =
      view === null || isUnanswered(view) ? (view ?? false) : isListed(view, place.name);
    if (isUnanswered(listed)) return { tracked: null, reason: listed.reason };
    return { tracked: listed };
  };

  return {
    tracked: async (path) => (await trackedWhy(path)).tracked,
    trackedWhy,
    invalidate: indexes.clear,
  };
}
