import type { PathKey } from "../path.ts";
import type { Settings } from "../policy/settings.ts";
import type { Tier } from "../policy/target.ts";
import type { Hint, SettledPath } from "./hint.ts";

interface Pending {
  tier: Tier;
  found: boolean;
  hints: number;
  bursts: number;
  readonly first: number;
  last: number;
  /** Not before this moment, set by a rate limit; 0 when none. */
  hold: number;
}

/** Collects hints per path and says which paths have been quiet, or have waited, long enough. */
export interface Debounce {
  has(path: PathKey): boolean;
  /**
   * @param beside paths that were taken out and are still on their way: they count as if they waited here
   * @returns false when the path is new and there is no room: the caller must treat its directory as doubtful
   */
  push(hint: Hint, now: number, beside?: number): boolean;
  /** Puts a rate-limited path back with its counts; it comes out at `until` with whatever came meanwhile. */
  hold(path: SettledPath, until: number, now: number): void;
  /** Takes the paths whose time has come, critical ones first. */
  take(now: number): SettledPath[];
  /** Monotonic moment of the next one, or null when nothing waits. */
  next(): number | null;
  readonly size: number;
}

const SLOT_MS = 4;
/** Share of the room that a flood of standard paths, and one of the watchers' hints, leaves free. */
const KEPT = 0.1;

/**
 * Trailing debounce with a maximum wait, so that a path written without pause still comes out (design §2).
 * Deadlines sit in 4 ms slots and move lazily: a hint costs O(1) however often its path is written.
 */
export function createDebounce(settings: Settings["settle"]): Debounce {
  const pending = new Map<PathKey, Pending>();
  const slots = new Map<number, PathKey[]>();

  function deadline(entry: Pending): number {
    const critical = entry.tier === "critical";
    const quiet = critical ? settings.critical_debounce_ms : settings.standard_debounce_ms;
    const wait = critical ? settings.critical_max_wait_ms : settings.standard_max_wait_ms;
    return Math.max(entry.hold, Math.min(entry.last + quiet, entry.first + wait));
  }

  function schedule(path: PathKey, entry: Pending): void {
    const slot = Math.ceil(deadline(entry) / SLOT_MS);
    const list = slots.get(slot);
    if (list) list.push(path);
    else slots.set(slot, [path]);
  }

  function dueSlots(now: number): number[] {
    return [...slots.keys()].filter((slot) => slot * SLOT_MS <= now).toSorted((a, b) => a - b);
  }

  return {
    get size() {
      return pending.size;
    },
    has: (path) => pending.has(path),
    push(hint, now, beside = 0) {
      const entry = pending.get(hint.path);
      if (entry) {
        const raised = hint.tier === "critical" && entry.tier === "standard";
        absorb(entry, hint, now, settings.burst_ms);
        // A raised tier may come due before the slot it sits in.
        if (raised) schedule(hint.path, entry);
        return true;
      }
      if (pending.size + beside >= roomFor(hint, settings.max_pending)) return false;
      const fresh = pendingOf(hint, now);
      pending.set(hint.path, fresh);
      schedule(hint.path, fresh);
      return true;
    },
    hold(path, until, now) {
      const held = heldOf(path, pending.get(path.path), until, now);
      pending.set(path.path, held);
      schedule(path.path, held);
    },
    take(now) {
      const out: SettledPath[] = [];
      for (const slot of dueSlots(now)) {
        const paths = slots.get(slot) ?? [];
        slots.delete(slot);
        for (const path of paths) {
          const entry = pending.get(path);
          if (!entry) continue;
          if (deadline(entry) > now) schedule(path, entry);
          else {
            pending.delete(path);
            out.push(toSettled(path, entry));
          }
        }
      }
      return out.toSorted((a, b) => rank(a.tier) - rank(b.tier));
    },
    next() {
      let first: number | null = null;
      for (const slot of slots.keys()) if (first === null || slot < first) first = slot;
      return first === null ? null : first * SLOT_MS;
    },
  };
}

/**
 * Who floods one tree must not take the room of critical paths; and what a sweep found, because there was no room for
 * its hint, must not lose its place to the next hint.
 */
function roomFor({ tier, source }: Hint, max: number): number {
  const kept = (tier === "critical" ? 0 : KEPT) + (source === "sweep" ? 0 : KEPT);
  return Math.ceil(max * (1 - kept));
}

function pendingOf(hint: Hint, now: number): Pending {
  const found = hint.source === "sweep";
  return { tier: hint.tier, found, hints: 1, bursts: 1, first: now, last: now, hold: 0 };
}

/** @param meanwhile what came for the path since it was taken */
function heldOf(
  path: SettledPath,
  meanwhile: Pending | undefined,
  until: number,
  now: number,
): Pending {
  return {
    tier: meanwhile?.tier === "critical" ? "critical" : path.tier,
    found: path.found && (meanwhile?.found ?? true),
    hints: path.hints + (meanwhile?.hints ?? 0),
    bursts: path.bursts + (meanwhile?.bursts ?? 0),
    first: path.since,
    last: meanwhile?.last ?? now,
    hold: until,
  };
}

function absorb(entry: Pending, hint: Hint, now: number, burstMs: number): void {
  if (hint.source !== "sweep") entry.found = false;
  if (hint.tier === "critical") entry.tier = "critical";
  if (now - entry.last > burstMs) entry.bursts += 1;
  entry.hints += 1;
  entry.last = now;
}

function rank(tier: Tier): number {
  return tier === "critical" ? 0 : 1;
}

function toSettled(path: PathKey, entry: Pending): SettledPath {
  const { tier, found, hints, bursts, first } = entry;
  return { path, tier, found, hints, bursts, since: first };
}
