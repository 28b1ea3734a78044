import { EXIT } from "./exit.ts";

/** Aborts at the first Ctrl-C, so that work can end where it leaves nothing half done. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code at the end: 130 when interrupted, else `code`. */
  codeOr(code: number): number;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    // Whoever asks twice means it.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const { signal } = controller;
  return { signal, codeOr: (code) => (signal.aborted ? EXIT.interrupted : code) };
}
