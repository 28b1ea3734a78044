import { messageOf, type PathKey, type Root } from "@sigil/core/plain";
import { isDirectory } from "../fs/stat.ts";
import type { DoubtReason } from "./tracker.ts";
import { createTreeWatchers, type TreeWatchers } from "./trees.ts";

export interface ForestPorts {
  matches(path: PathKey): boolean;
  hint(path: PathKey): void;
  doubt(reason: DoubtReason, detail: string): void;
  /** Something is gone: what is stored at and below it must be looked at. */
  lost(path: PathKey): void;
  /** A directory is there that was not watched until now: what is in it must be looked at. */
  appeared(path: PathKey): void;
  onExhausted(): void;
  /** Something happened in a tree: its watcher may have told of it in part (seen on Linux, 2.6.0). */
  active(): void;
}

/** New directories come in bursts: those that come within this time are looked into together. */
const GROW_DELAY_MS = 50;
/** Subscriptions for directories that came later; beyond it the whole tree is subscribed again. */
const BRANCHES_MAX = 64;
const EXHAUSTED = /ENOSPC|EMFILE|no space left|too many open/i;

/** Large standard trees have one recursive watcher each; everything else is watched directory by directory. */
export function isTree(root: Root): boolean {
  return root.tier === "standard" && (root.recursive || root.pattern?.includes("**") === true);
}

/** Keeps the recursive watchers in step with the trees of a plan. */
export class Forest {
  readonly #roots: readonly Root[];
  readonly #retryMs: number;
  readonly #ports: ForestPorts;
  readonly #trees: TreeWatchers;
  /** New directories, waiting to be watched and looked into. */
  readonly #fresh = new Set<PathKey>();
  #growing: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(roots: readonly Root[], retryMs: number, ports: ForestPorts) {
    this.#roots = roots.filter(isTree);
    this.#retryMs = retryMs;
    this.#ports = ports;
    this.#trees = createTreeWatchers({
      onEvent: (path, kind) => this.#onEvent(path, kind),
      onError: (base, message) => this.#onError(base, message),
    });
  }

  get size(): number {
    return this.#trees.bases.length;
  }

  get backend(): string {
    return this.#trees.backend;
  }

  async start(): Promise<void> {
    for (const root of this.#roots) await this.#subscribe(root);
  }

  /** Subscribes everything again. What changed meanwhile is for a sweep to find. */
  async renew(): Promise<void> {
    const own = new Set(this.#bases());
    for (const base of this.#trees.bases) {
      if (own.has(base)) await this.#renewNow(base);
      else await this.#trees.drop(base);
    }
  }

  /** A root whose base has appeared, with whatever is in it already. */
  cover(root: Root): void {
    void this.#subscribe(root).then(() => this.#closed || this.#ports.appeared(root.base));
  }

  /**
   * A directory below a tree has appeared: what is in it stays unseen by the tree's own watcher, so it gets one too.
   */
  grown(path: PathKey): void {
    if (this.#closed || !this.#bases().some((base) => path.startsWith(`${base}/`))) return;
    this.#fresh.add(path);
    this.#growing ??= setTimeout(() => void this.#grow(), GROW_DELAY_MS);
  }

  dropWithin(path: PathKey): void {
    for (const base of this.#trees.bases) {
      if (base === path || base.startsWith(`${path}/`)) void this.#trees.drop(base);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#growing);
    await this.#trees.close();
  }

  async #subscribe(root: Root): Promise<void> {
    if (this.#closed || !isDirectory(root.base)) return;
    // A tree inside another is watched with it.
    if (this.#trees.bases.some((base) => base !== root.base && root.base.startsWith(`${base}/`)))
      return;
    const alone = this.#roots.filter((other) => other.base.startsWith(root.base)).length === 1;
    const relative = root.exclude.flatMap((exclude) =>
      exclude.base === null ? [exclude.pattern] : [],
    );
    await this.#trees.subscribe(root.base, alone ? relative : []);
  }

  /** First the watcher, then the listing: what comes between is noticed by one of them. */
  async #grow(): Promise<void> {
    this.#growing = undefined;
    const fresh = [...this.#fresh].toSorted((one, other) => one.length - other.length);
    this.#fresh.clear();
    for (const path of fresh) {
      if (this.#trees.bases.some((base) => base === path)) continue;
      if (this.#branches() >= BRANCHES_MAX) {
        await this.renew();
        this.#ports.doubt("new_directory", `${path} and others`);
        return;
      }
      await this.#trees.subscribe(path, []);
      if (!this.#closed) this.#ports.appeared(path);
    }
  }

  #bases(): PathKey[] {
    return this.#roots.map((root) => root.base);
  }

  #branches(): number {
    const own = new Set(this.#bases());
    return this.#trees.bases.filter((base) => !own.has(base)).length;
  }

  async #renewNow(base: PathKey): Promise<void> {
    try {
      await this.#trees.renew(base);
    } catch (error) {
      this.#onError(base, messageOf(error));
    }
  }

  #onEvent(path: PathKey, kind: "create" | "update" | "delete"): void {
    if (this.#closed) return;
    this.#ports.active();
    // The library gives text: a name that is not UTF-8 cannot be told from it.
    if (path.includes("\uFFFD"))
      this.#ports.doubt("watcher_error", "a name that is not UTF-8 changed");
    if (this.#ports.matches(path)) this.#ports.hint(path);
    if (kind === "delete") {
      this.dropWithin(path);
      this.#ports.lost(path);
    }
    if (kind === "create" && isDirectory(path)) this.grown(path);
  }

  #onError(base: PathKey, message: string): void {
    // A directory that is gone needs no watcher; when it comes back, it is seen from above.
    if (this.#closed || !isDirectory(base)) return;
    const exhausted = EXHAUSTED.test(message);
    if (exhausted) this.#ports.onExhausted();
    this.#ports.doubt(exhausted ? "watches_exhausted" : "watcher_error", `${base}: ${message}`);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      void this.start();
    }, this.#retryMs).unref();
  }
}
