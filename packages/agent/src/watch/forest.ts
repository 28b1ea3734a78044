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
}

/** New directories come in bursts: one renewal for all that come within this time. */
const RENEW_DELAY_MS = 100;
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
  readonly #renewing = new Map<PathKey, NodeJS.Timeout>();
  /** New directories by tree, looked into after the tree is watched again. */
  readonly #fresh = new Map<PathKey, Set<PathKey>>();
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

  async renew(): Promise<void> {
    await Promise.all(this.#trees.bases.map((base) => this.#renewNow(base)));
  }

  /** A root whose base has appeared, with whatever is in it already. */
  cover(root: Root): void {
    void this.#subscribe(root).then(() => this.#closed || this.#ports.appeared(root.base));
  }

  /** A directory below a tree has appeared: it stays unseen until the tree is subscribed again. */
  grown(path: PathKey): void {
    for (const base of this.#trees.bases)
      if (path.startsWith(`${base}/`)) this.#renewSoon(base, path);
  }

  dropWithin(path: PathKey): void {
    for (const base of this.#trees.bases) {
      if (base === path || base.startsWith(`${path}/`)) void this.#trees.drop(base);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const timer of this.#renewing.values()) clearTimeout(timer);
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

  #renewSoon(base: PathKey, path: PathKey): void {
    if (this.#closed) return;
    const fresh = this.#fresh.get(base) ?? new Set();
    this.#fresh.set(base, fresh.add(path));
    if (this.#renewing.has(base)) return;
    const timer = setTimeout(() => void this.#lookIntoNew(base), RENEW_DELAY_MS);
    this.#renewing.set(base, timer);
  }

  /** First the subscription, then the listing: what comes between is noticed by one of them. */
  async #lookIntoNew(base: PathKey): Promise<void> {
    this.#renewing.delete(base);
    const fresh = this.#fresh.get(base) ?? [];
    this.#fresh.delete(base);
    await this.#renewNow(base);
    for (const path of fresh) this.#ports.appeared(path);
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
    // The library gives text: a name that is not UTF-8 cannot be told from it.
    if (path.includes("\uFFFD"))
      this.#ports.doubt("watcher_error", "a name that is not UTF-8 changed");
    if (this.#ports.matches(path)) this.#ports.hint(path);
    if (kind === "delete") this.#ports.lost(path);
    if (kind === "create" && isDirectory(path)) this.grown(path);
  }

  #onError(base: PathKey, message: string): void {
    if (this.#closed) return;
    const exhausted = EXHAUSTED.test(message);
    if (exhausted) this.#ports.onExhausted();
    this.#ports.doubt(exhausted ? "watches_exhausted" : "watcher_error", `${base}: ${message}`);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      void this.start();
    }, this.#retryMs).unref();
  }
}
