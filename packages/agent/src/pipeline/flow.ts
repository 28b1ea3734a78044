import type { Match, PathKey, SettledPath, Settings } from "@sigil/core/plain";
import { findingsOf, type PlainRows } from "../sweep/rows.ts";
import type { Seen } from "./compare.ts";
import { Emitter, type EmitPorts, type First } from "./emit.ts";
import { look, toSeen, type LookPorts } from "./look.ts";
import type { Observation } from "./observe.ts";
import { createPathQueue } from "./queue.ts";
import { createRests, type Rests } from "./rests.ts";

export interface FlowPorts extends Omit<LookPorts, "unseen">, EmitPorts {
  /** Reads a large file elsewhere. */
  observeLarge(path: PathKey, root: number): Promise<Observation>;
  /** Looking at a path or comparing it failed: it is tried again. */
  onFailed(error: unknown): void;
  onMended(): void;
  monotonic(): number;
}

/** Paths looked at before the event loop gets its turn. */
const CHUNK = 64;
const BUSY_RETRY_MS = 50;
const FAILED_RETRY_MS = 1000;

export function createFlow(settings: Settings, ports: FlowPorts): Flow {
  return new Flow(settings, ports);
}

/** Settled paths in, changes out: resolve → hash → compare, critical paths first, one path at a time. */
export class Flow {
  readonly #settings: Settings;
  readonly #ports: FlowPorts;
  readonly #look: LookPorts;
  readonly #queue = createPathQueue((path) => this.#targetOf(path));
  /** Paths a thread is reading: they wait for that reading. */
  readonly #busy = new Set<PathKey>();
  readonly #rests: Rests;
  readonly #emitter: Emitter;
  /** Paths whose last look failed. */
  readonly #failing = new Set<PathKey>();
  /** Large files whose last readings ended without an answer, and how many did. */
  readonly #ended = new Map<PathKey, number>();
  #inHand = 0;
  #left = 0;
  #closed = false;
  readonly #over = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(settings: Settings, ports: FlowPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { hash, rate } = settings;
    this.#rests = createRests(hash.repeat_percent, rate.fold_max_ms, () => ports.monotonic());
    this.#emitter = new Emitter(settings, ports);
    this.#look = { ...ports, unseen: (match) => this.#emitter.isFirstSight(match) };
  }

  accept(paths: readonly SettledPath[]): void {
    if (this.#closed) return;
    for (const path of paths) this.#queue.add(path);
    this.#running ??= this.#run();
  }

  /** First sight of paths by a sweep that has read them already. */
  async first(findings: readonly First[]): Promise<void> {
    await this.#ports.recorder.calm();
    await this.#emitter.first(findings);
  }

  /** First sight of plain files: states without a line, committed at once. */
  async plain(rows: PlainRows): Promise<void> {
    const { store, recorder } = this.#ports;
    const add = () => store.addPlain(rows, (path) => recorder.pending(path) !== undefined);
    try {
      await this.#emitter.inTurn(async () => add());
    } catch {
      // The state cannot be written: the recorder says so, and tries until it can.
      await this.first(findingsOf(rows));
    }
    // A commit is synchronous: between two of them everything else gets its turn.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Stored paths that no target means any more, because the project they were in is gone. */
  async strays(paths: readonly PathKey[]): Promise<void> {
    await this.#ports.recorder.calm();
    await this.#emitter.strays(paths);
  }

  /** Paths accepted and not compared yet, those being looked at included. */
  get waiting(): number {
    return this.#queue.size + this.#inHand + this.#busy.size;
  }

  /** Resolves when all accepted paths have been compared. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    await this.#emitter.idle();
  }

  /**
   * Compares what is accepted, and ends after so many milliseconds in any case: fast growth must not keep the agent
   * from ending. @returns paths that were not looked at, which the next sweep finds
   */
  async end(ms: number): Promise<number> {
    const late = setTimeout(() => this.#giveUp(), ms);
    // A pass that is under way ends in any case, before what it writes to may be closed.
    await this.idle();
    clearTimeout(late);
    return this.#left;
  }

  #giveUp(): void {
    this.#closed = true;
    this.#left = this.#queue.size + this.#inHand;
    while (this.#queue.size > 0) this.#queue.take(CHUNK);
    this.#over.resolve();
  }

  async #run(): Promise<void> {
    for (let batch = this.#queue.take(CHUNK); batch.length > 0; batch = this.#queue.take(CHUNK)) {
      this.#inHand = batch.length;
      const { recorder } = this.#ports;
      if (!recorder.hasRoom) await Promise.race([recorder.room(), this.#over.promise]);
      if (this.#closed) break;
      await this.#try(batch);
      this.#inHand = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#inHand = 0;
    this.#running = null;
  }

  /** Whatever fails is told and looked at again; it keeps no other path from being looked at. */
  async #try(batch: readonly SettledPath[]): Promise<void> {
    try {
      await this.#pass(batch);
      this.#mended(batch);
    } catch (error) {
      const [only, ...others] = batch;
      if (only === undefined) return;
      if (others.length === 0) this.#failed(only, error);
      else for (const one of batch) await this.#try([one]);
    }
  }

  #failed(path: SettledPath, error: unknown, delayMs = FAILED_RETRY_MS): void {
    // Told once, not at every try.
    if (!this.#failing.has(path.path)) this.#ports.onFailed(error);
    this.#failing.add(path.path);
    this.#ports.hold(path, delayMs);
  }

  #mended(batch: readonly SettledPath[]): void {
    if (this.#failing.size === 0) return;
    for (const { path } of batch) if (!this.#ended.has(path)) this.#failing.delete(path);
    if (this.#failing.size === 0) this.#ports.onMended();
  }

  /** One pass: everything is looked at first, so that both sides of a rename can be paired. */
  async #pass(batch: readonly SettledPath[]): Promise<void> {
    const seen: Seen[] = [];
    const strays: SettledPath[] = [];
    for (const settled of batch) {
      if (this.#busy.has(settled.path)) {
        this.#ports.hold(settled, BUSY_RETRY_MS);
        continue;
      }
      const looked = look(settled, this.#settings, this.#look);
      if (looked.kind !== "large") this.#ended.delete(settled.path);
      if (looked.kind === "seen") seen.push(looked.seen);
      else if (looked.kind === "stray") strays.push(settled);
      else if (looked.kind === "large") void this.#lookLarge(settled, looked.match);
    }
    await this.#emitter.seen(seen);
    if (strays.length > 0) await this.#emitter.away(strays);
  }

  async #lookLarge(settled: SettledPath, match: Match): Promise<void> {
    const rest = this.#rests.left(settled.path);
    if (rest > 0) {
      // Held back means folded: its event says `coalesced`.
      this.#ports.hold({ ...settled, bursts: settled.bursts + 1 }, rest);
      return;
    }
    this.#busy.add(settled.path);
    const start = this.#ports.monotonic();
    try {
      const root = this.#ports.plan().indexOf(match.root);
      const observation = await this.#ports.observeLarge(settled.path, root);
      const looked = toSeen(settled, match, observation, this.#look);
      if (looked.kind === "seen") await this.#emitter.seen([looked.seen]);
      this.#ended.delete(settled.path);
      this.#mended([settled]);
    } catch (error) {
      this.#threadEnded(settled, error);
    } finally {
      this.#rests.took(settled.path, this.#ports.monotonic() - start);
      this.#busy.delete(settled.path);
    }
  }

  /** Looks again with a fresh thread. A file that ends each of them is told of, and tried ever more rarely. */
  #threadEnded(settled: SettledPath, error: unknown): void {
    const before = this.#ended.get(settled.path) ?? 0;
    const delayMs = Math.min(FAILED_RETRY_MS * 2 ** before, this.#settings.rate.fold_max_ms);
    if (before > 0) this.#failed(settled, error, delayMs);
    else this.#ports.hold(settled, delayMs);
    this.#ended.set(settled.path, before + 1);
  }

  #targetOf(path: PathKey): string {
    return this.#ports.plan().matcher.match(path)?.targetId ?? "";
  }
}
