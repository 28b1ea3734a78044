import type { PathKey, Settings } from "@sigil/core/plain";
import { createReread, type RereadPorts } from "../watch/reread.ts";
import type { SweepReason } from "../watch/sweeper.ts";
import { createMissed } from "./missed.ts";

export interface UntoldPorts {
  /** Stored files with a digest, in order, behind a path. */
  readonly after: RereadPorts["after"];
  /** The path is to be looked at. */
  look(path: PathKey): void;
  /** The path is to be read again, though nothing says that it changed. */
  recheck(path: PathKey): void;
  /** Resolves when what was found is compared. */
  compared(): Promise<void>;
  /** True while nobody promises to tell of every change. */
  polling(): boolean;
  onMissed(count: number): void;
  onFailed(error: unknown): void;
}

/** Looks that should find nothing, for the watchers should have told: what they find after all is the watchers' fault. */
export interface Untold {
  /** A watcher tells of a path. */
  hinted(path: PathKey): void;
  /** Such a look says that a path differs: it is looked at. */
  readonly suspect: (path: PathKey) => void;
  /** A path was looked at and had changed. */
  confirm(path: PathKey): void;
  /** What these find changed the watchers should have told of; a second look after activity in a tree is one of them. */
  shouldFindNothing(reason: SweepReason): boolean;
  /** A sweep is through; one of the interval is followed by reading some files again. */
  swept(reason: SweepReason): void;
  close(): void;
}

/** The library of the trees holds an event back for up to half a second; twice that is late. */
const LATE_HINT_MS = 1000;

export function createUntold(settings: Settings, ports: UntoldPorts): Untold {
  const lateMs = Math.max(settings.settle.standard_debounce_ms * 2, LATE_HINT_MS);
  const missed = createMissed(lateMs, () => ports.compared());
  const { reread_files: files, reread_bytes: bytes } = settings.sweep;
  const reread = createReread(
    { files, bytes },
    {
      after: ports.after,
      look(path) {
        missed.suspect(path);
        ports.recheck(path);
      },
      onDone: () => void judge(),
    },
  );
  let closed = false;

  function suspect(path: PathKey): void {
    missed.suspect(path);
    ports.look(path);
  }

  /** What such a look found, after its paths had time for a late hint, came without one. */
  async function judge(): Promise<void> {
    try {
      const count = await missed.judge();
      if (count > 0 && !closed && !ports.polling()) ports.onMissed(count);
    } catch (error) {
      ports.onFailed(error);
    }
  }

  function shouldFindNothing(reason: SweepReason): boolean {
    return reason === "interval" || (reason === "poll" && !ports.polling());
  }

  return {
    hinted: (path) => missed.hinted(path),
    suspect,
    confirm: (path) => missed.confirm(path),
    shouldFindNothing,
    swept(reason) {
      if (reason === "interval") reread.begin();
      else if (shouldFindNothing(reason) && !reread.running) void judge();
    },
    close() {
      closed = true;
      reread.close();
    },
  };
}
