/** Paths to assess; null: everything. */
export type Paths = ReadonlySet<string> | null;

/**
 * What could not be assessed. It is tried again for ever, ever more rarely, and apart from what changes meanwhile: a
 * file that ends the assessing thread each time keeps nothing else from being assessed, and no sensor from running.
 */
export interface Retry {
  add(paths: Iterable<string> | null): void;
  /** Something was assessed. @returns true when nothing waits to be tried again, but something did */
  worked(): boolean;
  close(): void;
}

const FIRST_MS = 1000;
const FACTOR = 4;
const LONGEST_MS = 600_000;

/** @param again called with what is to be tried again */
export function createRetry(again: (paths: Paths) => void): Retry {
  let failed: Paths = new Set();
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;

  function next(): void {
    timer = undefined;
    const paths = failed;
    failed = new Set();
    again(paths);
  }

  return {
    add(paths) {
      failed = together(failed, paths);
      timer ??= setTimeout(next, Math.min(LONGEST_MS, FIRST_MS * FACTOR ** failures)).unref();
      failures += 1;
    },
    worked() {
      if (timer !== undefined || failures === 0) return false;
      failures = 0;
      return true;
    },
    close: () => clearTimeout(timer),
  };
}

export function together(one: Paths, other: Iterable<string> | null): Set<string> | null {
  return one === null || other === null ? null : new Set([...one, ...other]);
}
