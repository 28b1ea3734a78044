import type { PathKey } from "@sigil/core/plain";

export interface GrowthPorts {
  /** Watches new directories, those above others first. */
  grow(fresh: readonly PathKey[]): Promise<void>;
  monotonic(): number;
}

/**
 * New directories come in bursts: those that come within a moment are looked into together. One round at a time, and
 * after each a rest as long as it took: a tree that grows without end is not subscribed again without end.
 */
export interface Growth {
  add(path: PathKey): void;
  close(): void;
}

export function createGrowth(delayMs: number, ports: GrowthPorts): Growth {
  const fresh = new Set<PathKey>();
  let timer: NodeJS.Timeout | undefined;
  let growing = false;
  let closed = false;

  function arm(ms: number): void {
    if (!closed && !growing) timer ??= setTimeout(() => void round(), ms);
  }

  async function round(): Promise<void> {
    timer = undefined;
    growing = true;
    const began = ports.monotonic();
    const paths = [...fresh].toSorted((one, other) => one.length - other.length);
    fresh.clear();
    try {
      await ports.grow(paths);
    } finally {
      growing = false;
      if (fresh.size > 0) arm(Math.max(delayMs, ports.monotonic() - began));
    }
  }

  return {
    add(path) {
      fresh.add(path);
      arm(delayMs);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
