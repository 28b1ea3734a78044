import { SigilError } from "@sigil/core/plain";
import { Delivery, type Delivered, type DeliveryOptions, type Signals } from "./delivery.ts";
import type { Packed } from "./pack.ts";
import type { Waker } from "./ports.ts";
import { collect, type Load } from "./read.ts";

export type DispatcherOptions = DeliveryOptions & { readonly waker: Waker };

export type OnceResult =
  | { readonly kind: "drained" }
  | {
      readonly kind: "undelivered";
      readonly reason: string | null;
      readonly detail: string | null;
    };

/** Ships one stream: read, pack, post, confirm. */
export interface Dispatcher {
  /**
   * Until `stop`.
   * @throws SIGIL_SPOOL_REPLACED when the directory holds another spool: open it anew
   */
  run(): Promise<void>;
  /**
   * Until the spool is empty, or `attempts` in a row came to nothing, or `stop`.
   * @throws SIGIL_SPOOL_REPLACED
   */
  once(attempts?: number): Promise<OnceResult>;
  /** Lets the batch under way end within `timeout.stop_ms`; nothing is lost if it does not. */
  stop(): Promise<void>;
}

/** What comes next, read and packed while the batch before is under way; memory is bounded by these two. */
type Next =
  | { readonly kind: "ready"; readonly load: Load; readonly packed: Packed }
  | { readonly kind: "empty" }
  | { readonly kind: "failed"; readonly error: unknown };

/** `cancel` resolves when the spool is not being read any more. */
type Look = { readonly next: Promise<Next>; readonly cancel: () => Promise<void> };

type Mode = { readonly wait: boolean; readonly attempts: number };

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new StreamDispatcher(options);
}

class StreamDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #delivery: Delivery;
  readonly #soft = new AbortController();
  readonly #hard = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** A load is under way, or was given up: its reason is not to be taken for idleness. */
  #isOwing = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#delivery = new Delivery(options);
  }

  async run(): Promise<void> {
    await this.#track(this.#loop({ wait: true, attempts: Infinity }));
  }

  async once(attempts = 5): Promise<OnceResult> {
    const isDrained = await this.#track(this.#loop({ wait: false, attempts }));
    if (isDrained) return { kind: "drained" };
    const { reason, detail } = this.#options.meter.reading();
    return { kind: "undelivered", reason, detail };
  }

  async stop(): Promise<void> {
    this.#soft.abort();
    const over = new AbortController();
    const end = () => over.abort();
    const running = this.#running.then(end, end);
    await this.#options.timers.sleep(this.#options.settings.timeout.stop_ms, over.signal);
    this.#hard.abort();
    await running;
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running = work;
    return await work;
  }

  /** @returns true when there is nothing left */
  async #loop(mode: Mode): Promise<boolean> {
    const signals: Signals = {
      soft: this.#soft.signal,
      hard: this.#hard.signal,
      attempts: mode.attempts,
    };
    this.#options.source.rewind();
    let look = this.#look(mode, null);
    let failures = 0;
    try {
      for (;;) {
        const next = await look.next;
        if (next.kind === "empty") {
          if (signals.soft.aborted) return false;
          const isWhole = await this.#isWhole(signals);
          if (!mode.wait && isWhole) return true;
          look = this.#look(mode, null);
          continue;
        }
        failures = next.kind === "failed" ? failures + 1 : 0;
        if (next.kind === "failed") {
          if (!(await this.#recover(next.error, signals)) || failures >= mode.attempts)
            return false;
          look = this.#look(mode, null);
          continue;
        }
        look = this.#look(mode, next.packed);
        const done = await this.#deliver(next.load, next.packed, signals);
        if (done.kind === "delivered") {
          if (await this.#isStale(look, mode)) look = this.#look(mode, null);
          continue;
        }
        await look.cancel();
        if (done.kind !== "reset") return false;
        const reset = () => this.#options.source.reset(done.to);
        if (!(await this.#delivery.persist(reset, signals))) return false;
        look = this.#look(mode, null);
      }
    } finally {
      await look.cancel();
    }
  }

  /** @returns false when the receiver lost something and the spool is read again from there */
  async #isWhole(signals: Signals): Promise<boolean> {
    const to = await this.#delivery.missing(signals);
    if (to === null) return true;
    await this.#delivery.persist(() => this.#options.source.reset(to), signals);
    return false;
  }

  async #deliver(load: Load, packed: Packed, signals: Signals): Promise<Delivered> {
    this.#isOwing = true;
    const done = await this.#delivery.deliver(load, packed, signals);
    if (done.kind === "delivered") this.#isOwing = false;
    return done;
  }

  /** What was looked for while a batch was under way may be there now. */
  async #isStale(look: Look, mode: Mode): Promise<boolean> {
    return !mode.wait && (await look.next).kind === "empty";
  }

  #look(mode: Mode, before: Packed | null): Look {
    const cancelled = new AbortController();
    const signal = AbortSignal.any([this.#soft.signal, cancelled.signal]);
    const next = this.#next(mode, before, signal);
    const cancel = async () => {
      cancelled.abort();
      await next;
    };
    return { next, cancel };
  }

  /** Never rejects: it may be looked at much later. */
  async #next(mode: Mode, before: Packed | null, signal: AbortSignal): Promise<Next> {
    const { source, waker, chain, settings, meter } = this.#options;
    const limits = {
      ...this.#delivery.packer.limits,
      maxAgeMs: settings.batch.max_age_ms,
      pollMs: settings.read.poll_ms,
      idleMs: settings.heartbeat_s * 1000,
    };
    const onEmpty = () => {
      if (!this.#isOwing) meter.state("idle");
    };
    try {
      const load = await collect({ source, waker, limits, wait: mode.wait, onEmpty }, signal);
      if (load === null) return { kind: "empty" };
      const previous = before === null ? chain.at(load.first - 1) : before.chain;
      return { kind: "ready", load, packed: await this.#delivery.packer.prepare(load, previous) };
    } catch (error) {
      return { kind: "failed", error };
    }
  }

  /** Reads again from the checkpoint on, after a while. @returns false when it was stopped */
  async #recover(error: unknown, signals: Signals): Promise<boolean> {
    if (error instanceof SigilError && FINAL.has(error.code)) throw error;
    this.#options.source.rewind();
    return await this.#delivery.pause("spool-not-readable", error, signals);
  }
}

const FINAL: ReadonlySet<string> = new Set(["SIGIL_SPOOL_REPLACED", "SIGIL_SPOOL_CLOSED"]);
