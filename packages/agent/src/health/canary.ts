import { watch, writeFileSync, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { ensureDirectory } from "../fs/directory.ts";

export interface CanaryPorts {
  /** The write was not noticed in time. */
  onMissed(detail: string): void;
}

/** A file of our own that is written now and then: if the watcher does not notice it, it notices nothing else. */
export interface Canary {
  /** Writes once and waits for the hint. */
  beat(): void;
  close(): void;
}

/** @param directory made if missing; nothing else may be in it */
export function createCanary(directory: string, timeoutMs: number, ports: CanaryPorts): Canary {
  const file = join(directory, "pulse");
  let watcher: FSWatcher | null = null;
  let waiting: NodeJS.Timeout | undefined;
  let count = 0;

  function onHint(): void {
    clearTimeout(waiting);
    waiting = undefined;
  }

  function onMissed(detail: string): void {
    clearTimeout(waiting);
    waiting = undefined;
    watcher?.close();
    watcher = null;
    ports.onMissed(detail);
  }

  return {
    beat() {
      // The last one is still awaited: it decides.
      if (waiting) return;
      try {
        ensureDirectory(directory);
        watcher ??= watch(directory, { persistent: false }, onHint).on("error", () =>
          onMissed("the canary's watcher failed"),
        );
        waiting = setTimeout(() => onMissed(`no hint within ${timeoutMs} ms`), timeoutMs).unref();
        count += 1;
        writeFileSync(file, `${count}\n`, { mode: 0o640 });
      } catch (error) {
        onMissed(error instanceof Error ? error.message : "the canary cannot be written");
      }
    },
    close() {
      clearTimeout(waiting);
      watcher?.close();
    },
  };
}
