import type { PathKey } from "@sigil/core/plain";

export interface RereadPorts {
  /** Stored files with a digest, in order, behind a path; null: from the first. */
  after(path: PathKey | null, limit: number): readonly { path: PathKey; size: number }[];
  /** The path is to be read, whatever its times say. */
  look(path: PathKey): void;
  onDone(): void;
}

/**
 * Contents can change and no watcher and no time tells: writing through a mapping, within one tick of a coarse clock,
 * with the clock set back, on the device below. So some files are read again each time, all of them in turn.
 */
export interface Reread {
  begin(): void;
  readonly running: boolean;
  close(): void;
}

/** Files handed over at a time, and the pause after them: a change does not wait behind a round. */
const SLICE = 32;
const PAUSE_MS = 50;

/** @param limits what one round may read */
export function createReread(
  limits: { readonly files: number; readonly bytes: number },
  ports: RereadPorts,
): Reread {
  let cursor: PathKey | null = null;
  let files = 0;
  let bytes = 0;
  let running = false;
  let timer: NodeJS.Timeout | undefined;

  function slice(): void {
    const rows = ports.after(cursor, Math.min(SLICE, limits.files - files));
    for (const { path, size } of rows) {
      cursor = path;
      files += 1;
      bytes += size;
      ports.look(path);
      if (bytes >= limits.bytes) break;
    }
    // Behind the last one the next round begins at the first.
    if (rows.length === 0) cursor = null;
    if (rows.length > 0 && files < limits.files && bytes < limits.bytes)
      timer = setTimeout(slice, PAUSE_MS).unref();
    else {
      running = false;
      ports.onDone();
    }
  }

  return {
    begin() {
      if (running) return;
      running = true;
      files = 0;
      bytes = 0;
      slice();
    },
    get running() {
      return running;
    },
    close: () => clearTimeout(timer),
  };
}
