import type { PathKey } from "@sigil/core/plain";

/** Remembers where links lead through, so that a change there is a hint for the path that is watched. */
export interface Links {
  set(path: PathKey, hops: readonly PathKey[]): void;
  /** Where one path leads through. */
  of(path: PathKey): readonly PathKey[];
  /** Every hop there is: the directories they are in must be watched. */
  readonly hops: Iterable<PathKey>;
  /** Watched paths that lead through this one. */
  through(hop: PathKey): readonly PathKey[];
}

export function createLinks(): Links {
  const byHop = new Map<PathKey, Set<PathKey>>();
  const byPath = new Map<PathKey, readonly PathKey[]>();
  return {
    set(path, hops) {
      const before = byPath.get(path) ?? [];
      for (const hop of before) {
        if (hops.includes(hop)) continue;
        const paths = byHop.get(hop);
        paths?.delete(path);
        if (paths?.size === 0) byHop.delete(hop);
      }
      if (hops.length > 0) byPath.set(path, hops);
      else byPath.delete(path);
      for (const hop of hops) {
        const paths = byHop.get(hop);
        if (paths) paths.add(path);
        else byHop.set(hop, new Set([path]));
      }
    },
    of: (path) => byPath.get(path) ?? [],
    get hops() {
      return byHop.keys();
    },
    through: (hop) => [...(byHop.get(hop) ?? [])],
  };
}
