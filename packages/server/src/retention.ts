import { setImmediate as turn } from "node:timers/promises";
import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import type { ServerSettings } from "./settings.ts";
import type { EventStore } from "./store/model.ts";

const DAY = 86_400_000;

export type RetentionDeps = {
  readonly store: Pick<EventStore, "prune">;
  readonly settings: ServerSettings["retention"];
  readonly log: Pick<Log, "info" | "warn">;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  readonly onPruned: (events: number) => void;
};

/** Deletes what is too old or too much, now and from time to time. @returns a way to end that */
export function startRetention(deps: RetentionDeps): () => void {
  let isEnded = false;
  let isRunning = false;
  const look = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      const deleted = await pruneAll(deps, () => isEnded);
      if (deleted > 0) deps.log.info({ events: deleted }, "deleted events by retention");
    } catch (error) {
      if (!isEnded) deps.log.warn(`retention failed: ${messageOf(error)}`);
    } finally {
      isRunning = false;
    }
  };
  const timer = setInterval(() => void look(), deps.settings.interval_s * 1000).unref();
  void look();
  return () => {
    isEnded = true;
    clearInterval(timer);
  };
}

/** A piece at a time, so that batches get their turn between. */
async function pruneAll(deps: RetentionDeps, isEnded: () => boolean): Promise<number> {
  const { max_age_days, max_bytes: maxBytes } = deps.settings;
  let total = 0;
  while (!isEnded()) {
    const receivedAt = deps.now() - max_age_days * DAY;
    const deleted = await deps.store.prune({ receivedAt, maxBytes });
    if (deleted === 0) break;
    deps.onPruned(deleted);
    total += deleted;
    await turn();
  }
  return total;
}
