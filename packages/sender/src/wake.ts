import { watch, type FSWatcher } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Timers, Waker } from "./ports.ts";

/** The system's clock. */
export const systemTimers: Timers = {
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal });
    } catch {
      // Aborted: the caller looks at its signal.
    }
  },
};

/**
 * Wakes at changes in a directory. Where the system does not tell of them (a network file system, too many watches) the
 * caller's longest wait is what remains.
 */
export function watchDirectory(directory: string, timers: Timers = systemTimers): Waker {
  let wake = new AbortController();
  // A change between two waits ends the second at once.
  let changed = false;
  const watcher = openWatcher(directory, () => {
    changed = true;
    wake.abort();
  });
  return {
    async wait(ms, signal) {
      if (!changed) {
        wake = new AbortController();
        await timers.sleep(ms, AbortSignal.any([signal, wake.signal]));
      }
      changed = false;
    },
    settle: async (ms, signal) => await timers.sleep(ms, signal),
    close: () => watcher?.close(),
  };
}

function openWatcher(directory: string, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(directory, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
