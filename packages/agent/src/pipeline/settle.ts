import {
  createDebounce,
  createRateLimit,
  type Debounce,
  type HintSource,
  type Matcher,
  type PathKey,
  type RateLimit,
  type SettledPath,
  type Settings,
  type Tier,
} from "@sigil/core/plain";

export interface SettlePorts {
  monotonic(): number;
  /** Paths are ready; called from a timer, and again while any are. */
  onReady(paths: readonly SettledPath[]): void;
  /** Paths that were let go and are not in the spool yet: they take room too. */
  beside(): number;
  /** There is no room for the path given. */
  onOverflow(path: PathKey): void;
  /** A limit held readings back. */
  onLimited(limit: "path" | "target", name: string, perMinute: number): void;
}

/** Paths due within this time go together, so that both sides of a rename are in one pass. */
const TOGETHER_MS = 8;
const PRUNE_MS = 60_000;

export function createSettle(
  matcher: () => Matcher,
  settings: Settings,
  ports: SettlePorts,
): Settle {
  return new Settle(matcher, settings, ports);
}

/** The first stage: collects hints per path and lets a path go when it is quiet or has waited long enough. */
export class Settle {
  readonly #matcher: () => Matcher;
  readonly #settings: Settings;
  readonly #ports: SettlePorts;
  readonly #debounce: Debounce;
  readonly #limits: Readonly<Record<"critical" | "standard" | "target", RateLimit>>;
  /** Paths held back until a moment of their own: they go then. */
  readonly #paid = new Set<PathKey>();
  readonly #pruning: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(matcher: () => Matcher, settings: Settings, ports: SettlePorts) {
    this.#matcher = matcher;
    this.#settings = settings;
    this.#ports = ports;
    this.#debounce = createDebounce(settings.settle);
    this.#limits = {
      critical: createRateLimit(settings.rate.critical_path_per_minute),
      standard: createRateLimit(settings.rate.path_per_minute),
      target: createRateLimit(settings.rate.target_per_minute),
    };
    this.#pruning = setInterval(() => this.#prune(), PRUNE_MS).unref();
  }

  get size(): number {
    return this.#debounce.size;
  }

  hint(path: PathKey, source: HintSource): void {
    if (this.#closed) return;
    const match = this.#matcher().match(path);
    if (!match) return;
    const hint = { path, tier: match.tier, source };
    if (this.#debounce.push(hint, this.#ports.monotonic(), this.#ports.beside())) this.#arm();
    else this.#ports.onOverflow(path);
  }

  /** A path whose turn it is to be read again though nothing hints at it: a round of them is no flood of changes. */
  recheck(path: PathKey): void {
    const match = this.#matcher().match(path);
    if (this.#closed || !match || this.#debounce.has(path)) return;
    const since = this.#ports.monotonic();
    this.#ports.onReady([{ path, tier: match.tier, found: true, hints: 1, bursts: 1, since }]);
  }

  /** Puts a path back for a while, with its counts. */
  hold(path: SettledPath, delayMs: number): void {
    if (this.#closed) return;
    const now = this.#ports.monotonic();
    this.#debounce.hold(path, now + delayMs, now);
    this.#arm();
  }

  /** Lets everything go that waits, without waiting. */
  flush(): void {
    const all = this.#debounce.take(Number.POSITIVE_INFINITY);
    this.#paid.clear();
    if (all.length > 0) this.#ports.onReady(all);
  }

  /** What still waits, or is put back later, is left to the next sweep. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#pruning);
  }

  #arm(): void {
    const next = this.#debounce.next();
    if (next === null || next >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = next;
    this.#timer = setTimeout(() => this.#release(), Math.max(0, next - this.#ports.monotonic()));
  }

  #release(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const now = this.#ports.monotonic();
    const ready = this.#debounce.take(now + TOGETHER_MS).filter((path) => this.#allowed(path, now));
    if (ready.length > 0) this.#ports.onReady(ready);
    this.#arm();
  }

  /** Limits fold, they do not drop: a path held back comes out again within `fold_max_ms`, whatever the bucket says. */
  #allowed(path: SettledPath, now: number): boolean {
    const latest = path.since + this.#settings.rate.fold_max_ms - now;
    if (this.#paid.delete(path.path) || latest <= 0) return true;
    const byPath = this.#limits[path.tier].take(path.path, now, latest);
    const byTarget = path.tier === "critical" ? 0 : this.#takeOfTarget(path.path, now, latest);
    const wait = Math.max(byPath, byTarget);
    if (wait === 0) return true;
    this.#holdBack(path, wait, now, byTarget > byPath ? "target" : "path");
    return false;
  }

  #takeOfTarget(path: PathKey, now: number, latest: number): number {
    return this.#limits.target.take(this.#matcher().match(path)?.targetId ?? "", now, latest);
  }

  #holdBack(path: SettledPath, wait: number, now: number, limit: "path" | "target"): void {
    this.#paid.add(path.path);
    // Held back means folded: its event says `coalesced`.
    this.#debounce.hold({ ...path, bursts: path.bursts + 1 }, now + wait, now);
    this.#ports.onLimited(limit, path.path, this.#perMinute(limit, path.tier));
  }

  #perMinute(limit: "path" | "target", tier: Tier): number {
    const { rate } = this.#settings;
    if (limit === "target") return rate.target_per_minute;
    return tier === "critical" ? rate.critical_path_per_minute : rate.path_per_minute;
  }

  #prune(): void {
    for (const limit of Object.values(this.#limits)) limit.prune(this.#ports.monotonic());
  }
}
