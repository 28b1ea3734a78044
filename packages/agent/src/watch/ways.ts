import type { PathKey, Root } from "@sigil/core/plain";
import { isDirectory, isLink } from "../fs/stat.ts";
import type { Plan } from "../policy/plan.ts";
import { isTree } from "./forest.ts";
import type { Interest } from "./interest.ts";
import { goesRound, isLed } from "./round.ts";
import type { ShallowWatchers } from "./shallow.ts";

/**
 * Links in one root that a directory is watched through, besides its own name. Thousands may lead to it: the sweep
 * looks through one of them, and tells of each link.
 */
const NAMES_MAX = 4;

/** Says which directories are watched one by one. */
export interface Ways {
  /** Directories below which single watchers are needed. */
  shallowBelow(path: PathKey): boolean;
  /** A directory, or a link to one that some root follows and has not followed on its way. */
  opens(path: PathKey): boolean;
  /** True when enough other links of a root are watched that lead to the same directory. */
  isStoodFor(path: PathKey, root: Root): boolean;
}

export function createWays(plan: Plan, interest: Interest, shallow: ShallowWatchers): Ways {
  function isStoodFor(path: PathKey, { base }: Root): boolean {
    const names = shallow.namesOf(path);
    if (names.length < NAMES_MAX || names.includes(path)) return false;
    return names.filter((name) => isLed(name, base)).length >= NAMES_MAX;
  }

  return {
    isStoodFor,
    shallowBelow: (path) => plan.matcher.descends(path).some((root) => !isTree(root)),
    opens(path) {
      if (!isDirectory(path)) return false;
      if (!isLink(path) || interest.rootsAt(path).some(({ base }) => base !== path)) return true;
      const roots = plan.matcher.descends(path);
      return roots.some(
        (root) => root.followSymlinks && !goesRound(path, root.base) && !isStoodFor(path, root),
      );
    },
  };
}
