import { setImmediate as turn } from "node:timers/promises";
import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import type { ServerSettings } from "./settings.ts";
import type { EventStore } from "./store/model.ts";

const DAY = 86_400_000;
/**
 * Events age at most so many times faster than looks come: a clock that is years ahead deletes nothing for as long
 * as it takes somebody to see the warning, and a server that was off for weeks catches up in days.
 */
const FASTEST = 6;

export type RetentionDeps = {
  readonly store: Pick<EventStore, "prune" | "retentionTime">;
  readonly settings: ServerSettings["retention"];
  readonly log: Pick<Log, "info" | "warn">;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  readonly onPruned: (events: number) => void;
};

/** Deletes what is too old or too much, now and from time to time. @returns a way to end that */
export function startRetention(deps: RetentionDeps): () => void {
  const interval = deps.settings.interval_s * 1000;
  let isEnded = false;
  let isRunning = false;
  const look = async (advanceMs: number) => {
    if (isRunning) return;
    isRunning = true;
    try {
      const deleted = await pruneAll(deps, advanceMs, () => isEnded);
      if (deleted > 0) deps.log.info({ events: deleted }, "deleted events by retention");
    } catch (error) {
      if (!isEnded) deps.log.warn(`retention failed: ${messageOf(error)}`);
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void look(interval * FASTEST), interval).unref();
  // The first look advances nothing: restarts under a wrong clock must not add up.
  void look(0);
  return () => {
    isEnded = true;
    clearInterval(timer);
  };
}

/** A piece at a time, so that batches get their turn between. */
async function pruneAll(
  deps: RetentionDeps,
  advanceMs: number,
  isEnded: () => boolean,
): Promise<number> {
  const { max_age_days, max_bytes: maxBytes } = deps.settings;
  const now = deps.now();
  const time = await deps.store.retentionTime(now, advanceMs);
  if (now - time > DAY) {
    const leap = Math.round((now - time) / DAY);
    deps.log.warn({ days: leap }, "the clock is far ahead of the last look: age is counted slowly");
  }
  let total = 0;
  while (!isEnded()) {
    const receivedAt = time - max_age_days * DAY;
    const deleted = await deps.store.prune({ receivedAt, maxBytes });
    if (deleted === 0) break;
    deps.onPruned(deleted);
    total += deleted;
    await turn();
  }
  return total;
}
