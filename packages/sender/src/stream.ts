import { errnoOf, messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { Hasher } from "@sigil/ports/hash";
import { openConsumer, openQuarantine, type Consumer } from "@sigil/spool";
import { openChain } from "./chain.ts";
import type { SenderConfig } from "./config.ts";
import { createDispatcher, type Dispatcher, type OnceResult } from "./dispatcher.ts";
import type { Limiter } from "./limiter.ts";
import { senderLock } from "./lock.ts";
import { streamPlaces, type StreamName } from "./places.ts";
import type { Clock, Identity, Meter, Notes, Sink, Timers, Waker } from "./ports.ts";
import { watchDirectory } from "./wake.ts";

export type StreamPorts = {
  readonly config: SenderConfig;
  readonly sink: Sink;
  readonly identity: Identity;
  readonly notes: Notes;
  readonly meter: Meter;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
};

/** One spool on its way out, whatever becomes of the spool meanwhile: not there yet, replaced, unreadable for a while. */
export interface Stream {
  /** Until `stop`. @throws SIGIL_SPOOL_LOCKED when another process ships it */
  run(): Promise<void>;
  /** Delivers what there is and ends. @throws SIGIL_SPOOL_* */
  once(attempts: number): Promise<OnceResult>;
  /** Lets the batch under way end within `timeout.stop_ms`. */
  stop(): Promise<void>;
}

export function createStream(name: StreamName, ports: StreamPorts): Stream {
  return new SpoolStream(name, ports);
}

/** What no waiting mends. */
const FINAL: ReadonlySet<string | null> = new Set(["SIGIL_SPOOL_LOCKED", "SIGIL_SPOOL_SETTING"]);
/** Between two tries to open a spool that cannot be read. Milliseconds. */
const RETRY_MS = 10_000;

type Opened = {
  readonly consumer: Consumer;
  readonly waker: Waker;
  readonly dispatcher: Dispatcher;
};

class SpoolStream implements Stream {
  readonly #name: StreamName;
  readonly #ports: StreamPorts;
  readonly #ending = new AbortController();
  #dispatcher: Dispatcher | null = null;
  #said: string | null = null;

  constructor(name: StreamName, ports: StreamPorts) {
    this.#name = name;
    this.#ports = ports;
  }

  async run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      try {
        await this.#with((dispatcher) => dispatcher.run());
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  async once(attempts: number): Promise<OnceResult> {
    return await this.#with((dispatcher) => dispatcher.once(attempts));
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#dispatcher?.stop();
  }

  async #with<T>(work: (dispatcher: Dispatcher) => Promise<T>): Promise<T> {
    const { consumer, waker, dispatcher } = await this.#open();
    try {
      this.#dispatcher = dispatcher;
      this.#said = null;
      if (this.#ending.signal.aborted) await dispatcher.stop();
      return await work(dispatcher);
    } finally {
      this.#dispatcher = null;
      waker.close();
      await consumer.close();
    }
  }

  async #open(): Promise<Opened> {
    const { config, clock, hasher, log } = this.#ports;
    const { dir, checkpointDir, quarantineDir } = streamPlaces(config, this.#name);
    const { max_bytes, max_entries } = config.settings.quarantine;
    const stream = this.#name;
    const consumer = await openConsumer({
      dir,
      checkpointDir,
      hash: hasher,
      lock: senderLock,
      clock,
      onReport: (report) => log.warn({ stream, report }, "the spool's checkpoint"),
    });
    try {
      const chain = await openChain(checkpointDir, consumer.spoolId);
      const quarantine = await openQuarantine({
        dir: quarantineDir,
        clock,
        settings: { quarantine_max_bytes: max_bytes, quarantine_max_entries: max_entries },
      });
      const waker = watchDirectory(dir, this.#ports.timers);
      const { settings } = config;
      const parts = { stream, settings, source: consumer, chain, quarantine, waker };
      const dispatcher = createDispatcher({ ...this.#ports, ...parts, hash: hasher });
      return { consumer, waker, dispatcher };
    } catch (error) {
      await consumer.close();
      throw error;
    }
  }

  async #failed(error: unknown): Promise<void> {
    const { meter, log, timers, config } = this.#ports;
    const code = errnoOf(error);
    if (FINAL.has(code)) throw error;
    // Begun anew under our feet: there is a spool, only another one.
    if (code === "SIGIL_SPOOL_REPLACED" && this.#said !== code) {
      this.#said = code;
      log.warn({ stream: this.#name }, messageOf(error));
      return;
    }
    const isAbsent = code === "SIGIL_SPOOL_ABSENT";
    if (isAbsent) meter.state("idle");
    else meter.state("waiting", "spool-not-readable", messageOf(error));
    if (this.#said !== code)
      log[isAbsent ? "info" : "warn"]({ stream: this.#name, code }, messageOf(error));
    this.#said = code;
    const ms = isAbsent ? config.settings.read.poll_ms : RETRY_MS;
    await timers.sleep(ms, this.#ending.signal);
  }
}
