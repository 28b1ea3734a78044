/**
 * Recursive watchers lose single events of a burst without a word (seen on Linux, @parcel/watcher 2.6.0): some time
 * after activity in a tree, one more look.
 */
export interface Recheck {
  readonly soon: () => void;
  close(): void;
}

export function createRecheck(delayMs: number, look: () => void): Recheck {
  let timer: NodeJS.Timeout | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        look();
      }, delayMs).unref();
    },
    close: () => clearTimeout(timer),
  };
}
