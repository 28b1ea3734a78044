import { EXIT } from "@sigil/cli";
import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import type { Mode } from "@sigil/host";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import type { SenderConfig } from "./config.ts";
import type { Courier } from "./courier.ts";
import { createMeter } from "./meter.ts";
import type { Clock, Timers } from "./ports.ts";
import { Running } from "./running.ts";
import { openSession, type Meters } from "./session.ts";
import { createVitals } from "./vitals.ts";
import { systemTimers } from "./wake.ts";

export type DaemonOptions = {
  /** Reads the configuration, now or again. @throws SIGIL_CONFIG_* */
  readonly load: () => SenderConfig;
  readonly mode: Mode;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly random?: () => number;
};

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * Starts the sender.
 * @throws SIGIL_CONFIG_*, SIGIL_SENDER_*, SIGIL_SPOOL_*
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  // Files are 0640 and directories 0750 at most (design §4).
  process.umask(0o027);
  const daemon = new Daemon(options, loadHasher());
  await daemon.start(options.load());
  return daemon;
}

/** A running sender: one session of the configuration in force. */
export class Daemon {
  /** Resolves with the exit code when the sender has ended. */
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #options: DaemonOptions;
  readonly #hasher: Hasher;
  readonly #meters: Meters;
  readonly #clock: Clock;
  readonly #startedAt: { readonly now: number; readonly monotonic: number };
  #running: Running | null = null;
  #changing: Promise<unknown> = Promise.resolve();
  #ending = false;

  constructor(options: DaemonOptions, hasher: Hasher) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.#hasher = hasher;
    this.#clock = options.clock ?? systemClock;
    this.#startedAt = { now: this.#clock.now(), monotonic: this.#clock.monotonic() };
    const onTrouble = () => this.#running?.soon();
    this.#meters = { agent: createMeter(onTrouble), sender: createMeter(onTrouble) };
  }

  async start(config: SenderConfig): Promise<void> {
    this.#running = await this.#open(config);
  }

  /** Reads the configuration again; one that is not valid leaves the last good one in force. */
  reload(): Promise<void> {
    const done = this.#changing.then(() => (this.#ending ? undefined : this.#reload()));
    // Whoever stops it waits for this, however it went.
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** Lets the batch under way end, says goodbye. */
  async stop(code: number = EXIT.ok): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await this.#changing;
    try {
      await this.#running?.stop(true);
    } catch (error) {
      this.#options.log.error(messageOf(error));
    }
    this.#end(code);
  }

  async #open(config: SenderConfig): Promise<Running> {
    const { mode, env, log } = this.#options;
    const session = await openSession({
      config,
      mode,
      env,
      log,
      hasher: this.#hasher,
      clock: this.#clock,
      timers: this.#options.timers ?? systemTimers,
      random: this.#options.random ?? Math.random,
      meters: this.#meters,
      onCondition: () => this.#running?.soon(),
    });
    const vitals = (policy: Courier["report"]) =>
      createVitals({
        ...session,
        mode,
        server: session.sink.server,
        hasher: this.#hasher,
        clock: this.#clock,
        log,
        meters: this.#meters,
        policy,
        startedAt: this.#startedAt,
      });
    return new Running(session, vitals, {
      ...this.#options,
      clock: this.#clock,
      onFailed: (error) => void this.#failed(error),
    });
  }

  async #reload(): Promise<void> {
    const { log, load } = this.#options;
    const before = this.#running;
    let config: SenderConfig;
    try {
      config = load();
    } catch (error) {
      log.error(`the configuration is not valid, the last good one stays: ${messageOf(error)}`);
      before?.session.conditions.set("config-rejected", messageOf(error));
      return;
    }
    await before?.stop(false);
    await this.#replace(config, before?.session.config ?? config);
  }

  /** A configuration that cannot be used after all must not cost the one that could. */
  async #replace(config: SenderConfig, last: SenderConfig): Promise<void> {
    const { log } = this.#options;
    try {
      this.#running = await this.#open(config);
      log.info({ file: config.file }, "the configuration was read again");
    } catch (error) {
      log.error(`the configuration cannot be used, the last good one stays: ${messageOf(error)}`);
      try {
        this.#running = await this.#open(last);
        this.#running.session.conditions.set("config-rejected", messageOf(error));
      } catch (again) {
        this.#running = null;
        log.error(`nor can the last good one any more: ${messageOf(again)}`);
        void this.stop(EXIT.failed);
      }
    }
  }

  async #failed(error: unknown): Promise<void> {
    this.#options.log.error(messageOf(error));
    await this.stop(EXIT.failed);
  }
}
