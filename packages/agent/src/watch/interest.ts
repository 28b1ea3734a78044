import { parentOf, type PathKey, type Root } from "@sigil/core/plain";

/** Which directories lead to a root: when one of them appears, goes or is replaced, the root must be looked at. */
export interface Interest {
  /** True when the path is a root's base or an ancestor of one. */
  has(path: PathKey): boolean;
  /** Roots whose base is the path or lies below it. */
  rootsAt(path: PathKey): readonly Root[];
  /** Every ancestor directory of every base, nearest to the filesystem root first. */
  readonly ancestors: readonly PathKey[];
}

export function createInterest(roots: readonly Root[]): Interest {
  const byPath = new Map<PathKey, Root[]>();
  const ancestors = new Set<PathKey>();
  for (const root of roots) {
    for (let path: string | null = root.base; path !== null; path = parentOf(path)) {
      const list = byPath.get(path);
      if (list) list.push(root);
      else byPath.set(path, [root]);
      if (path !== root.base) ancestors.add(path);
    }
  }
  return {
    has: (path) => byPath.has(path),
    rootsAt: (path) => byPath.get(path) ?? [],
    ancestors: [...ancestors].toSorted((a, b) => a.length - b.length),
  };
}
