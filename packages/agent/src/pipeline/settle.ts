import {
  createDebounce,
  createRateLimit,
  type HintSource,
  type Matcher,
  type PathKey,
  type SettledPath,
  type Settings,
} from "@sigil/core/plain";

export interface SettlePorts {
  monotonic(): number;
  /** Paths are ready; called from a timer, and again while any are. */
  onReady(paths: readonly SettledPath[]): void;
  /** The table of waiting paths is full; the path given is not in it. */
  onOverflow(path: PathKey): void;
  /** A limit held readings back. */
  onLimited(limit: "path" | "target", name: string, perMinute: number): void;
}

/** The first stage: collects hints per path and lets a path go when it is quiet or has waited long enough. */
export interface Settle {
  hint(path: PathKey, source: HintSource): void;
  /** Puts a path back for a while, with its counts. */
  hold(path: SettledPath, delayMs: number): void;
  /** Lets everything go that waits, without waiting. */
  flush(): void;
  readonly size: number;
  close(): void;
}

/** Paths due within this time go together, so that both sides of a rename are in one pass. */
const TOGETHER_MS = 8;
const PRUNE_MS = 60_000;

export function createSettle(
  matcher: () => Matcher,
  settings: Settings,
  ports: SettlePorts,
): Settle {
  const debounce = createDebounce(settings.settle);
  const limits = {
    critical: createRateLimit(settings.rate.critical_path_per_minute),
    standard: createRateLimit(settings.rate.path_per_minute),
    target: createRateLimit(settings.rate.target_per_minute),
  };
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  const pruning = setInterval(() => {
    for (const limit of Object.values(limits)) limit.prune(ports.monotonic());
  }, PRUNE_MS).unref();

  function arm(): void {
    const next = debounce.next();
    if (next === null || next >= due) return;
    clearTimeout(timer);
    due = next;
    timer = setTimeout(release, Math.max(0, next - ports.monotonic()));
  }

  function release(): void {
    due = Number.POSITIVE_INFINITY;
    const now = ports.monotonic();
    const ready = debounce.take(now + TOGETHER_MS).filter((path) => allowed(path, now));
    if (ready.length > 0) ports.onReady(ready);
    arm();
  }

  /** Limits fold, they do not drop: a path held back comes out again within `fold_max_ms`, whatever the bucket says. */
  function allowed(path: SettledPath, now: number): boolean {
    if (now - path.since >= settings.rate.fold_max_ms) return true;
    const byPath = limits[path.tier].take(path.path, now);
    if (byPath > 0) return held(path, byPath, now, "path");
    if (path.tier === "critical") return true;
    const target = matcher().match(path.path)?.targetId ?? "";
    const byTarget = limits.target.take(target, now);
    return byTarget === 0 || held(path, byTarget, now, "target");
  }

  function held(path: SettledPath, wait: number, now: number, limit: "path" | "target"): boolean {
    const latest = path.since + settings.rate.fold_max_ms;
    debounce.hold(path, Math.min(now + wait, latest), now);
    const { rate } = settings;
    const perMinute =
      limit === "target"
        ? rate.target_per_minute
        : path.tier === "critical"
          ? rate.critical_path_per_minute
          : rate.path_per_minute;
    ports.onLimited(limit, path.path, perMinute);
    return false;
  }

  return {
    hint(path, source) {
      const match = matcher().match(path);
      if (!match) return;
      if (debounce.push({ path, tier: match.tier, source }, ports.monotonic())) arm();
      else ports.onOverflow(path);
    },
    hold(path, delayMs) {
      const now = ports.monotonic();
      debounce.hold(path, now + delayMs, now);
      arm();
    },
    flush() {
      const all = debounce.take(Number.POSITIVE_INFINITY);
      if (all.length > 0) ports.onReady(all);
    },
    get size() {
      return debounce.size;
    },
    close() {
      clearTimeout(timer);
      clearInterval(pruning);
    },
  };
}
