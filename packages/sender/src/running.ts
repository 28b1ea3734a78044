import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import { createCourier, type Courier } from "./courier.ts";
import { heartbeatOf } from "./heartbeat.ts";
import { statusFile, STREAMS } from "./places.ts";
import type { Clock, Timers } from "./ports.ts";
import type { Session } from "./session.ts";
import { policySource } from "./sink/policy.ts";
import { writeStatus } from "./status.ts";
import type { Stream } from "./stream.ts";
import type { Vitals } from "./vitals.ts";
import { systemTimers } from "./wake.ts";

export type RunningOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly random?: () => number;
  /** Something that cannot be mended here: the process must end. */
  readonly onFailed: (error: unknown) => void;
};

/** Between two looks at the lag and the status file. Milliseconds. */
const LOOK_MS = 5000;
/** A change is in the status file after this, together with those that follow at once. Milliseconds. */
const SOON_MS = 200;
const MAINTAIN_MS = 30_000;
const MIB = 1024 * 1024;

/** A session at work: both streams, the courier, and everything that happens because time passes. */
export class Running {
  readonly session: Session;
  readonly #options: RunningOptions;
  readonly #vitals: Vitals;
  readonly #courier: Courier;
  readonly #streams: readonly Stream[];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #ending = new AbortController();
  readonly #work: Promise<unknown>;
  #soon: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    session: Session,
    vitals: (policy: Courier["report"]) => Vitals,
    options: RunningOptions,
  ) {
    this.session = session;
    this.#options = options;
    const { settings, controlPath } = session.config;
    const { clock, log, random = Math.random } = options;
    const timers = options.timers ?? systemTimers;
    this.#courier = createCourier({
      source: policySource(session.sink, settings.policy.max_bytes),
      controlPath,
      settings: settings.policy,
      clock,
      random,
      sleep: (ms, signal) => timers.sleep(ms, signal),
      conditions: session.conditions,
      log,
    });
    this.#vitals = vitals(() => this.#courier.report());
    this.#streams = STREAMS.map((name) => session.stream(name));
    this.#work = this.#begin();
  }

  /** Looks and writes the status soon. */
  soon(): void {
    if (this.#ending.signal.aborted) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#look();
    }, SOON_MS).unref();
  }

  /**
   * Lets what is under way end.
   * @param isFinal the process ends: says so in a last heartbeat, and in the status
   */
  async stop(isFinal: boolean): Promise<void> {
    const { session } = this;
    this.#ending.abort();
    clearTimeout(this.#soon);
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#streams.map((stream) => stream.stop()));
    await this.#work;
    await this.#vitals.look();
    if (isFinal) await this.#sayGoodbye();
    await session.close();
    await this.#write(isFinal ? new Date(this.#options.clock.now()).toISOString() : null);
  }

  #begin(): Promise<unknown> {
    const { settings } = this.session.config;
    const guarded = (work: Promise<void>) => work.catch((error) => this.#options.onFailed(error));
    this.#every(LOOK_MS, () => this.#look());
    this.#every(settings.heartbeat_s * 1000, () => this.#beat());
    this.#every(MAINTAIN_MS, () => this.session.notes.maintain());
    void this.#look();
    const works = this.#streams.map((stream) => guarded(stream.run()));
    if (settings.policy.enabled) works.push(guarded(this.#courier.run(this.#ending.signal)));
    return Promise.all(works);
  }

  #every(ms: number, act: () => Promise<void>): void {
    const run = () =>
      void act().catch((error: unknown) => this.#options.log.error(messageOf(error)));
    this.#timers.push(setInterval(run, ms).unref());
  }

  async #look(): Promise<void> {
    await this.#vitals.look();
    await this.#write(null);
    const limit = this.session.config.settings.limits.memory_mb;
    const used = Math.round(process.memoryUsage.rss() / MIB);
    if (used > limit) this.#options.onFailed(new Error(`memory: ${used} MiB, limit ${limit}`));
  }

  async #beat(): Promise<void> {
    await this.#vitals.look();
    this.session.notes.tell(heartbeatOf(this.#vitals.status(), false));
  }

  /** The last heartbeat goes out too, if it can at once; else the next sender carries it. */
  async #sayGoodbye(): Promise<void> {
    const { notes, config } = this.session;
    const status = this.#vitals.status();
    notes.tell(heartbeatOf(status, true));
    await notes.settled();
    if (status.state === "waiting" || status.state === "refused") return;
    const last = this.session.stream("sender");
    const late = setTimeout(() => void last.stop(), config.settings.timeout.stop_ms);
    try {
      await last.once(1);
    } catch (error) {
      this.#options.log.debug(messageOf(error));
    } finally {
      clearTimeout(late);
    }
  }

  /** One after the other: there is one temporary file. A status that cannot be written must not stop the sender. */
  #write(endedAt: string | null): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow(endedAt));
    return this.#writing;
  }

  async #writeNow(endedAt: string | null): Promise<void> {
    try {
      const status = { ...this.#vitals.status(), ended_at: endedAt };
      await writeStatus(statusFile(this.session.config), status);
    } catch (error) {
      this.#options.log.debug(messageOf(error));
    }
  }
}
