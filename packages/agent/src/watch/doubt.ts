import { messageOf } from "@sigil/core/plain";
import type { DoubtReason } from "./ports.ts";

export interface DoubtPorts {
  /** A doubt to report; the first of its kind since the last sweep it led to, or one that no other stands for. */
  report: (reason: DoubtReason, detail: string | null, missed: number | null) => void;
  /** Makes the watchers again. */
  renew(): Promise<void>;
  sweep(): void;
}

/** Collects doubts: those that come close together cause one renewal of the watchers and one sweep (design §2). */
export interface Doubt {
  raise(reason: DoubtReason, detail: string | null, missed?: number | null): void;
  /** What was told lasts: it is answered once more, and not told. */
  again(reason: DoubtReason): void;
  close(): void;
}

/** Reasons that say nothing against the watchers themselves. */
const WATCHERS_FINE: ReadonlySet<DoubtReason> = new Set([
  "new_directory",
  "pending_overflow",
  "polling",
  "sweep_limit",
  "watches_exhausted",
]);
/** Reasons that no sweep can answer. */
const NO_SWEEP: ReadonlySet<DoubtReason> = new Set(["polling", "sweep_limit"]);
/** Reasons that are given once for each place they hold for: one does not stand for another. */
const EACH_TOLD: ReadonlySet<DoubtReason> = new Set(["sweep_limit"]);

export function createDoubt(delayMs: number, ports: DoubtPorts): Doubt {
  const raised = new Set<DoubtReason>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  /** One at a time: a renewal that takes longer than the next doubt must not run into another. */
  async function answer(): Promise<void> {
    const reasons = [...raised];
    raised.clear();
    if (reasons.some((reason) => !WATCHERS_FINE.has(reason))) await renew();
    if (closed) return;
    if (reasons.some((reason) => !NO_SWEEP.has(reason))) ports.sweep();
    timer = raised.size > 0 ? setTimeout(() => void answer(), delayMs) : undefined;
  }

  /** Without watchers the sweep is all there is: it must not be kept from running by them. */
  async function renew(): Promise<void> {
    try {
      await ports.renew();
    } catch (error) {
      ports.report("watcher_error", messageOf(error), null);
    }
  }

  return {
    raise(reason, detail, missed = null) {
      if (closed || (raised.has(reason) && !EACH_TOLD.has(reason))) return;
      raised.add(reason);
      ports.report(reason, detail, missed);
      timer ??= setTimeout(() => void answer(), delayMs);
    },
    again(reason) {
      if (closed) return;
      raised.add(reason);
      timer ??= setTimeout(() => void answer(), delayMs);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
