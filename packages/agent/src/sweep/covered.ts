import type { PathKey, Root } from "@sigil/core/plain";

/**
 * What the walks of one sweep have gone through to the end, where several roots mean the same paths. A path is left to
 * another walk only when that one did come by: a walk may end at its limit, or not enter a directory that the next does.
 */
export class Covered {
  readonly #directories = new Map<Root, Set<PathKey>>();
  readonly #bases = new Set<Root>();

  /** A directory's entries were looked at for a root, and what is stored of them. */
  directory(root: Root, directory: PathKey): void {
    const known = this.#directories.get(root);
    if (known) known.add(directory);
    else this.#directories.set(root, new Set([directory]));
  }

  /** The path a root begins at was looked at for it. */
  base(root: Root): void {
    this.#bases.add(root);
  }

  /** @returns true when a path in a directory was looked at for this root */
  has(root: Root, path: PathKey, directory: PathKey | null): boolean {
    if (directory !== null && this.#directories.get(root)?.has(directory) === true) return true;
    return root.base === path && this.#bases.has(root);
  }
}
