import { messageOf, type PathKey, type StoredState } from "@sigil/core/plain";
import { bytesOfKey, joinKey, keyOfBytes } from "../fs/keys.ts";
import type { StateWrite } from "../state/row.ts";
import { fitting, isRefused, lastOf, linesOf, type Group } from "./group.ts";

/** One thing to make durable: an event line, the state that goes with it, or both. */
export interface Entry {
  /** A function is asked when the entry is written: what it says may still be found out while it is held. */
  readonly line: Buffer | (() => Buffer) | null;
  readonly kind: string | null;
  /** The path the line is about; null: none. */
  readonly about?: PathKey | null;
  readonly writes: readonly StateWrite[];
  /** Called when the entry is durable. */
  readonly onDurable?: () => void;
  /** The entry, and what came after it, waits for this; it must end in bounded time. */
  readonly hold?: Hold;
}

export interface Hold {
  readonly over: boolean;
  readonly until: Promise<void>;
}

export interface RecordPorts {
  /** Makes lines durable in the spool; rejects when it cannot, and then none of them is in it. */
  append(lines: readonly Buffer[]): Promise<unknown>;
  /** Commits states in one transaction, with the last sequence they stand for; null: no line went with them. */
  commit(writes: readonly StateWrite[], sequence: number | null): void;
  /** Something failed; the group stays and is tried again. */
  onStall(channel: "spool" | "state", error: unknown, waiting: number): void;
  /** An entry can never be written as it is: what is behind it goes on without its line, or without its states. */
  onRefused(channel: "spool" | "state", entry: Entry, error: unknown): void;
  /** Recording works again after a stall of so many milliseconds. */
  onResume(channel: "spool" | "state", stalledMs: number, reason: string): void;
  monotonic(): number;
}

export interface RecordLimits {
  readonly groupMax: number;
  readonly queueMax: number;
  readonly retryMs: number;
}

export function createRecorder(limits: RecordLimits, ports: RecordPorts): Recorder {
  return new Recorder(limits, ports);
}

interface Stall {
  readonly since: number;
  readonly channel: "spool" | "state";
  readonly reason: string;
}

/** The end of the flow: groups entries, makes the spool durable, then commits the state (design §2). */
export class Recorder {
  readonly #limits: RecordLimits;
  readonly #ports: RecordPorts;
  readonly #queue: Entry[] = [];
  /** States on their way, with how many entries are on the way for the same path. */
  readonly #overlay = new Map<PathKey, { state: StoredState; count: number }>();
  readonly #byKind = new Map<string, number>();
  #waiters: (() => void)[] = [];
  #running = false;
  #stopped = false;
  #recorded = 0;
  /** Entries written since the start, with a line or without. */
  #written = 0;
  #stall: Stall | null = null;
  #impatience: NodeJS.Timeout | undefined;

  constructor(limits: RecordLimits, ports: RecordPorts) {
    this.#limits = limits;
    this.#ports = ports;
  }

  push(entry: Entry): void {
    this.#queue.push(entry);
    for (const write of entry.writes) {
      const key = keyOfBytes(write.path);
      const count = (this.#overlay.get(key)?.count ?? 0) + 1;
      this.#overlay.set(key, { state: stateAfter(write), count });
    }
    if (this.#running) return;
    this.#running = true;
    // One turn of the loop gathers a group.
    setImmediate(() => void this.#run());
  }

  /** The state a path will have when all that was pushed is durable; undefined: as stored. */
  pending(path: PathKey): StoredState | undefined {
    return this.#overlay.get(path)?.state;
  }

  /** Paths below a directory that will be there when all that was pushed is durable, at most `limit`. */
  pendingBelow(directory: PathKey, limit: number): PathKey[] {
    // In bytes: a name that is not UTF-8 makes a raw key, which does not begin as its directory's does.
    const start = bytesOfKey(joinKey(directory, ""));
    const found: PathKey[] = [];
    for (const [path, { state }] of this.#overlay) {
      if (found.length >= limit) break;
      if (state.snapshot === null) continue;
      if (bytesOfKey(path).subarray(0, start.length).equals(start)) found.push(path);
    }
    return found;
  }

  /** Room for changes: false tells the flow to stop reading. */
  get hasRoom(): boolean {
    return this.#queue.length < this.#limits.queueMax;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Events made durable since the start. */
  get recorded(): number {
    return this.#recorded;
  }

  get byKind(): ReadonlyMap<string, number> {
    return this.#byKind;
  }

  /** Resolves when there is room again. */
  room(): Promise<void> {
    return this.#until(() => this.hasRoom);
  }

  /**
   * Resolves when what waits fits into one group: bulk work waits for it, so that a change never stands behind it.
   * Under a flood without end it has its turn all the same, when what waited before it is written.
   */
  calm(): Promise<void> {
    const turn = this.#written + this.#queue.length;
    return this.#until(() => this.#queue.length < this.#limits.groupMax || this.#written >= turn);
  }

  /** Resolves when the queue is empty or `timeoutMs` is over. @returns true when it is empty */
  async drain(timeoutMs: number): Promise<boolean> {
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
    await Promise.race([this.#until(() => this.#queue.length === 0), timeout]);
    return this.#queue.length === 0;
  }

  /** From now on a stall of so many milliseconds ends trying: nothing may wait for ever for a disk that stays full. */
  endWhenStalled(ms: number): void {
    const asked = this.#ports.monotonic();
    this.#impatience ??= setInterval(() => {
      if (this.#stall === null) return;
      if (this.#ports.monotonic() - Math.max(this.#stall.since, asked) >= ms) this.stop();
    }, ms / 10).unref();
  }

  /** Ends trying: what is left is found again by the sweep of the next start. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#impatience);
    this.#notify();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#stopped) {
      const first = this.#queue[0]?.hold;
      if (first && !first.over) await first.until;
      const group = fitting(this.#group());
      const { sequence, refused } = await this.#append(group);
      if (this.#stopped) break;
      await this.#commit(group, sequence);
      if (this.#stopped) break;
      this.#queue.splice(0, group.length);
      this.#written += group.length;
      for (const { entry } of group) this.#settle(entry, !refused.has(entry));
      this.#notify();
      // Committing is synchronous: between two groups everything else gets its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
    this.#notify();
  }

  /** The next entries, up to one that is held: order is kept. The first one is not held any more. */
  #group(): Entry[] {
    const group = this.#queue.slice(0, this.#limits.groupMax);
    const held = group.findIndex((entry, index) => index > 0 && entry.hold?.over === false);
    return held < 0 ? group : group.slice(0, held);
  }

  /** Makes the lines durable. A line that is refused holds up none of the others. */
  async #append(group: Group) {
    const refused = new Set<Entry>();
    let sequence: number | null = null;
    const append = async (lines: readonly Buffer[]) =>
      await this.#attempt("spool", async () => {
        sequence = lastOf(await this.#ports.append(lines));
      });
    const lines = linesOf(group);
    if (lines.length === 0 || (await append(lines)) === null) return { sequence, refused };
    for (const { entry, line } of group) {
      const why = line === null ? null : await append([line]);
      if (why === null) continue;
      refused.add(entry);
      this.#ports.onRefused("spool", entry, why.error);
    }
    return { sequence, refused };
  }

  /** Commits the states. One that is refused holds up none of the others: a sweep finds its path again. */
  async #commit(group: Group, sequence: number | null): Promise<void> {
    const commit = async (writes: readonly StateWrite[], upTo: number | null) =>
      await this.#attempt("state", () => this.#ports.commit(writes, upTo));
    const writes = group.flatMap(({ entry }) => entry.writes);
    if ((await commit(writes, sequence)) === null) return;
    for (const { entry } of group) {
      const why = await commit(entry.writes, null);
      if (why !== null) this.#ports.onRefused("state", entry, why.error);
    }
    await commit([], sequence);
  }

  /**
   * Tries until it works: the group waits in memory, and nothing behind it overtakes it.
   * @returns null; why it never will; null as well when trying was ended
   */
  async #attempt(
    channel: "spool" | "state",
    act: () => unknown,
  ): Promise<{ readonly error: unknown } | null> {
    while (!this.#stopped) {
      try {
        await act();
        this.#resume();
        return null;
      } catch (error) {
        if (isRefused(channel, error)) return this.#stopped ? null : { error };
        this.#stall ??= { since: this.#ports.monotonic(), channel, reason: messageOf(error) };
        this.#ports.onStall(channel, error, this.#queue.length);
        await new Promise((resolve) => setTimeout(resolve, this.#limits.retryMs));
      }
    }
    return null;
  }

  #resume(): void {
    const stall = this.#stall;
    if (!stall) return;
    this.#stall = null;
    this.#ports.onResume(
      stall.channel,
      Math.round(this.#ports.monotonic() - stall.since),
      stall.reason,
    );
  }

  #settle(entry: Entry, durable: boolean): void {
    for (const write of entry.writes) this.#release(keyOfBytes(write.path));
    if (!durable) return;
    if (entry.kind !== null) {
      this.#recorded += 1;
      this.#byKind.set(entry.kind, (this.#byKind.get(entry.kind) ?? 0) + 1);
    }
    try {
      entry.onDurable?.();
    } catch (error) {
      // It writes to the state too. What it did not do is done by a later sweep; recording must go on.
      this.#stall ??= {
        since: this.#ports.monotonic(),
        channel: "state",
        reason: messageOf(error),
      };
      this.#ports.onStall("state", error, this.#queue.length);
    }
  }

  #release(path: PathKey): void {
    const held = this.#overlay.get(path);
    if (!held) return;
    if (held.count <= 1) this.#overlay.delete(path);
    else held.count -= 1;
  }

  #notify(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#stopped)
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }
}

function stateAfter(write: StateWrite): StoredState {
  return {
    snapshot: write.removedAt === null ? write.snapshot : null,
    generation: write.generation,
    touchedAt: write.touchedAt,
  };
}
