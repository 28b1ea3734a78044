import { errnoOf } from "@sigil/core/plain";

/** `sigil … | head` is no failure: when the reader has gone away there is no one left to tell. */
function onBrokenPipe(error: Error): void {
  if (errnoOf(error) === "EPIPE") process.exit(0);
  throw error;
}

export function endQuietlyWithoutReader(): void {
  process.stdout.on("error", onBrokenPipe);
  process.stderr.on("error", () => undefined);
}

/** The agent outlives whoever reads what it prints. */
export function liveOnWithoutReader(): void {
  process.stdout.off("error", onBrokenPipe);
  process.stdout.on("error", () => undefined);
}

/** Resolves when everything written so far is out: `process.exit` waits for no pipe on macOS and Windows. */
export async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(drained));
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}
