import { messageOf, type PathKey, type StoredState } from "@sigil/core/plain";
import { keyOfBytes } from "../fs/keys.ts";
import type { StateWrite } from "../state/row.ts";

/** One thing to make durable: an event line, the state that goes with it, or both. */
export interface Entry {
  readonly line: Buffer | null;
  readonly kind: string | null;
  readonly writes: readonly StateWrite[];
  /** Called when the entry is durable. */
  readonly onDurable?: () => void;
}

export interface RecordPorts {
  /** Makes lines durable in the spool; rejects when it cannot, and then none of them is in it. */
  append(lines: readonly Buffer[]): Promise<unknown>;
  /** Commits states in one transaction. */
  commit(writes: readonly StateWrite[]): void;
  /** Something failed; the group stays and is tried again. */
  onStall(channel: "spool" | "state", error: unknown, waiting: number): void;
  /** Recording works again after a stall of so many milliseconds. */
  onResume(channel: "spool" | "state", stalledMs: number, reason: string): void;
  monotonic(): number;
}

export interface RecordLimits {
  readonly groupMax: number;
  readonly queueMax: number;
  readonly retryMs: number;
}

/** The end of the flow: groups entries, makes the spool durable, then commits the state (design §2). */
export interface Recorder {
  push(entry: Entry): void;
  /** The state a path will have when all that was pushed is durable; undefined: as stored. */
  pending(path: PathKey): StoredState | undefined;
  /** Room for changes: false tells the flow to stop reading. */
  readonly hasRoom: boolean;
  readonly waiting: number;
  /** Resolves when the queue is empty or `timeoutMs` is over. @returns true when it is empty */
  drain(timeoutMs: number): Promise<boolean>;
  /** Resolves when there is room again. */
  room(): Promise<void>;
  readonly recorded: number;
  readonly byKind: ReadonlyMap<string, number>;
  /** Ends trying: what is left is found again by the sweep of the next start. */
  stop(): void;
}

export function createRecorder(limits: RecordLimits, ports: RecordPorts): Recorder {
  const queue: Entry[] = [];
  const overlay = new Map<PathKey, { state: StoredState; count: number }>();
  const byKind = new Map<string, number>();
  let waiters: (() => void)[] = [];
  let running = false;
  let stopped = false;
  let recorded = 0;
  let stall: { since: number; channel: "spool" | "state"; reason: string } | null = null;

  function push(entry: Entry): void {
    queue.push(entry);
    for (const write of entry.writes) {
      const key = keyOfBytes(write.path);
      const count = (overlay.get(key)?.count ?? 0) + 1;
      overlay.set(key, { state: stateAfter(write), count });
    }
    if (!running) {
      running = true;
      // One turn of the loop gathers a group.
      setImmediate(() => void run());
    }
  }

  async function run(): Promise<void> {
    while (queue.length > 0 && !stopped) {
      const group = queue.slice(0, limits.groupMax);
      const lines = group.flatMap((entry) => (entry.line ? [entry.line] : []));
      if (lines.length > 0) await attempt("spool", () => ports.append(lines));
      if (stopped) break;
      await attempt("state", () => ports.commit(group.flatMap((entry) => entry.writes)));
      if (stopped) break;
      queue.splice(0, group.length);
      settle(group);
      notify();
    }
    running = false;
    notify();
  }

  async function attempt(channel: "spool" | "state", act: () => unknown): Promise<void> {
    while (!stopped) {
      try {
        await act();
        if (stall) {
          ports.onResume(stall.channel, Math.round(ports.monotonic() - stall.since), stall.reason);
          stall = null;
        }
        return;
      } catch (error) {
        stall ??= { since: ports.monotonic(), channel, reason: messageOf(error) };
        ports.onStall(channel, error, queue.length);
        await new Promise((resolve) => setTimeout(resolve, limits.retryMs));
      }
    }
  }

  function settle(group: readonly Entry[]): void {
    for (const entry of group) {
      for (const write of entry.writes) release(keyOfBytes(write.path));
      if (entry.kind !== null) {
        recorded += 1;
        byKind.set(entry.kind, (byKind.get(entry.kind) ?? 0) + 1);
      }
      entry.onDurable?.();
    }
  }

  function release(path: PathKey): void {
    const held = overlay.get(path);
    if (!held) return;
    if (held.count <= 1) overlay.delete(path);
    else held.count -= 1;
  }

  function notify(): void {
    const now = waiters;
    waiters = [];
    for (const wake of now) wake();
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && !stopped) await new Promise<void>((resolve) => waiters.push(resolve));
  }

  return {
    push,
    pending: (path) => overlay.get(path)?.state,
    get hasRoom() {
      return queue.length < limits.queueMax;
    },
    get waiting() {
      return queue.length;
    },
    async drain(timeoutMs) {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
      await Promise.race([until(() => queue.length === 0), timeout]);
      return queue.length === 0;
    },
    room: () => until(() => queue.length < limits.queueMax),
    get recorded() {
      return recorded;
    },
    byKind,
    stop() {
      stopped = true;
      notify();
    },
  };
}

function stateAfter(write: StateWrite): StoredState {
  return {
    snapshot: write.removedAt === null ? write.snapshot : null,
    generation: write.generation,
    touchedAt: write.touchedAt,
  };
}
