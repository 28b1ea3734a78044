import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "@sigil/core/plain";
import type { Line } from "./filter.ts";
import { matching, type Selection } from "./select.ts";

/** How often the spool is looked at for new lines. Milliseconds. */
const INTERVAL_MS = 200;

/**
 * Goes on giving wanted lines as they are written, until the signal aborts. A spool that is not there yet is waited
 * for. @param next tells the first sequence not yet looked at
 * @throws SIGIL_SPOOL_*
 */
export async function* follow(
  want: Omit<Selection, "last">,
  next: () => number,
  signal: AbortSignal,
): AsyncGenerator<Line, void, undefined> {
  while (!signal.aborted) {
    try {
      for await (const line of matching(want, next())) {
        if (signal.aborted) return;
        yield line;
      }
    } catch (error) {
      if (errnoOf(error) !== "SIGIL_SPOOL_ABSENT") throw error;
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}
