import { mayBeTerminal } from "./output.ts";

/** A counter on stderr while long work goes on; silent when stderr is no terminal. */
export interface Progress {
  /** More of it is done. */
  add(amount: number): void;
  /** Wipes the counter. */
  end(): void;
}

const REDRAW_MS = 100;

/** @param text what stands there for a total so far, such as `checked 3 MiB` */
export function startProgress(
  text: (total: number) => string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write"> | null = terminal(),
  now: () => number = () => performance.now(),
): Progress {
  if (!stream?.isTTY) return { add: () => undefined, end: () => undefined };
  let total = 0;
  let drawn = now();
  let shown = false;
  return {
    add(amount) {
      total += amount;
      // Quick work draws nothing.
      if (now() - drawn < REDRAW_MS) return;
      drawn = now();
      shown = true;
      stream.write(`\r\u001b[K${text(total)}`);
    },
    end() {
      if (shown) stream.write("\r\u001b[K");
    },
  };
}

function terminal(): NodeJS.WriteStream | null {
  return mayBeTerminal(2) ? process.stderr : null;
}
