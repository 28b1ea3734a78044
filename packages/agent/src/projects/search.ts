/** Looks for projects again, now and then. */
export interface Search {
  /** Something hints that there are others now. What is asked for meanwhile is one search. */
  readonly soon: () => void;
  close(): void;
}

export interface SearchPorts {
  /** One search, and what follows from it. */
  look(): Promise<void>;
  onFailed(error: unknown): void;
  monotonic(): number;
}

/** A search reads directories on the main thread: whoever makes and removes them all day takes this share of its time. */
const SHARE = 10;

/** @param delayMs from a hint to its search, which takes what else comes meanwhile with it */
export function createSearch(delayMs: number, ports: SearchPorts): Search {
  let timer: NodeJS.Timeout | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let closed = false;
  let looking = false;
  let again = false;

  async function look(): Promise<void> {
    looking = true;
    const start = ports.monotonic();
    try {
      await ports.look();
    } catch (error) {
      ports.onFailed(error);
    }
    const end = ports.monotonic();
    notBefore = end + (end - start) * (SHARE - 1);
    looking = false;
    if (again) soon();
  }

  function soon(): void {
    // One at a time: what is asked for during a search may have come too late for it.
    again = looking;
    if (closed || looking) return;
    const wait = Math.max(delayMs, notBefore - ports.monotonic());
    timer ??= setTimeout(() => {
      timer = undefined;
      void look();
    }, wait).unref();
  }

  return {
    soon,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
