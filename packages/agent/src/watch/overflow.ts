export interface OverflowPorts {
  begin(): void;
  /** One more hint had no room: a sweep must look after it too. */
  again(): void;
  /** @param left hints that had no room since it began */
  end(left: number): void;
}

/** A table that stays full is told of when it begins and when it ends, not at every hint that has no room. */
export interface Overflow {
  add(): void;
  close(): void;
}

/** @param quietMs so long without a hint that has no room, and it is over */
export function createOverflow(quietMs: number, ports: OverflowPorts): Overflow {
  let left = 0;
  let before = 0;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    if (left > before) {
      before = left;
      return;
    }
    clearInterval(timer);
    timer = undefined;
    const all = left;
    left = 0;
    before = 0;
    ports.end(all);
  }

  return {
    add() {
      left += 1;
      if (left > 1) return ports.again();
      timer = setInterval(look, quietMs).unref();
      ports.begin();
    },
    close: () => clearInterval(timer),
  };
}
