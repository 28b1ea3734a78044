import type { PathKey } from "@sigil/core/plain";
import type { Runtime } from "../runtime.ts";

/** Paths told of at once; a tree of unreadable files is one story. */
const MAX = 10_000;

/** Remembers what cannot be read: each path is told of once, until it can be read again. */
export class Unreadable {
  readonly #runtime: Pick<Runtime, "writer" | "conditions">;
  readonly #targetOf: (path: PathKey) => string | null;
  readonly #known = new Map<PathKey, string>();
  /** Seen since the last sweep ended. */
  readonly #still = new Set<PathKey>();

  constructor(
    runtime: Pick<Runtime, "writer" | "conditions">,
    targetOf: (path: PathKey) => string | null,
  ) {
    this.#runtime = runtime;
    this.#targetOf = targetOf;
  }

  note(path: PathKey, operation: "read" | "list", errno: string): void {
    this.#still.add(path);
    if (this.#known.get(path) === errno || this.#known.size >= MAX) return;
    this.#known.set(path, errno);
    const [first] = this.#known.keys();
    this.#runtime.conditions.raise(
      "permission-missing",
      `${this.#known.size} paths, first ${first}`,
    );
    const at = { path, targetId: this.#targetOf(path) };
    this.#runtime.writer.health({ kind: "permission_missing", operation, error: errno }, at);
  }

  /** A path that this sweep did not find unreadable is readable again, or gone. */
  endOfSweep(): void {
    for (const path of this.#known.keys()) if (!this.#still.has(path)) this.#known.delete(path);
    this.#still.clear();
    if (this.#known.size === 0) this.#runtime.conditions.clear("permission-missing");
  }
}
