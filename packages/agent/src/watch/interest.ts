import { parentOf, type PathKey, type Root } from "@sigil/core/plain";

/** Which directories lead to a root: when one of them appears, goes or is replaced, the root must be looked at. */
export interface Interest {
  /** True when the path is a root's base or an ancestor of one. */
  has(path: PathKey): boolean;
  /** Roots whose base is the path or lies below it. */
  rootsAt(path: PathKey): readonly Root[];
  /**
   * Every ancestor directory of every base: those of the roots that need a watch most first, and of these the nearest
   * to the filesystem root first.
   */
  readonly ancestors: readonly PathKey[];
}

/**
 * Who gets a watch first when there are too few, smallest first: what a user's agents read everywhere before what
 * stands in a project. A project of ten thousand directories takes nobody's watch but its own.
 */
export function urgencyOf({ project, tier }: Root): number {
  return (project === null ? 0 : 2) + (tier === "critical" ? 0 : 1);
}

export function createInterest(roots: readonly Root[]): Interest {
  const byPath = new Map<PathKey, Root[]>();
  const ancestors = new Map<PathKey, number>();
  for (const root of roots) {
    for (let path: string | null = root.base; path !== null; path = parentOf(path)) {
      const list = byPath.get(path);
      if (list) list.push(root);
      else byPath.set(path, [root]);
      if (path !== root.base)
        ancestors.set(path, Math.min(urgencyOf(root), ancestors.get(path) ?? Infinity));
    }
  }
  return {
    has: (path) => byPath.has(path),
    rootsAt: (path) => byPath.get(path) ?? [],
    ancestors: [...ancestors]
      .toSorted(([a, first], [b, second]) => first - second || a.length - b.length)
      .map(([path]) => path),
  };
}
