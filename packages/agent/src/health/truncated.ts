import { rootId, type Root } from "@sigil/core/plain";

/** Remembers which roots are not walked to their end: each is told of once, until a sweep reaches its end again. */
export class Truncated {
  readonly #held = new Map<string, Root>();

  /** Takes the end of one sweep, which may have walked a part of the roots only. @returns the roots to tell of */
  swept(walked: readonly Root[], truncated: readonly Root[]): Root[] {
    const now = new Set(truncated.map(rootId));
    for (const root of walked) if (!now.has(rootId(root))) this.#held.delete(rootId(root));
    const fresh = truncated.filter((root) => !this.#held.has(rootId(root)));
    for (const root of fresh) this.#held.set(rootId(root), root);
    return fresh;
  }

  get roots(): readonly Root[] {
    return [...this.#held.values()];
  }
}

/** Bases named one by one; of more, how many they are. */
const NAMED = 8;

/** Where roots begin, each place once, in one line. */
export function basesOf(roots: readonly Root[]): string {
  const bases = [...new Set(roots.map((root) => root.base))];
  const more = bases.length - NAMED;
  return bases.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
