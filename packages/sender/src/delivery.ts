import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import type { Quarantine } from "@sigil/spool";
import { createBackoff, type Backoff } from "./backoff.ts";
import { confirmationOf, keepingOf, type Keeping } from "./confirm.ts";
import { isForeign } from "./host.ts";
import { Judge, type Step } from "./judge.ts";
import type { Limiter } from "./limiter.ts";
import type { Packed } from "./pack.ts";
import { createPacker, type Packer, type PackerOptions } from "./packer.ts";
import { partOf, type Part } from "./part.ts";
import type { Greeting, GreetReply, Meter, Notes, Sink, Source, Timers } from "./ports.ts";
import { requestOf } from "./post.ts";
import { halves, withheld, type Load } from "./read.ts";
import type { SenderSettings } from "./settings.ts";
import { createTrouble, type Trouble } from "./trouble.ts";

export type DeliveryOptions = PackerOptions & {
  readonly settings: SenderSettings;
  readonly source: Source;
  readonly quarantine: Pick<Quarantine, "put">;
  readonly sink: Sink;
  readonly notes: Notes;
  readonly meter: Meter;
  readonly limiter: Limiter;
  readonly log: Log;
  readonly timers: Timers;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
};

/** How the delivery of a load ended. `reset`: the receiver lost what comes after `to`; the spool is to be read again. */
export type Delivered =
  | { readonly kind: "delivered" }
  | { readonly kind: "reset"; readonly to: number }
  | { readonly kind: "gave_up" }
  | { readonly kind: "stopped" };

export type Signals = {
  /** Ends waits. */
  readonly soft: AbortSignal;
  /** Ends the request under way too. */
  readonly hard: AbortSignal;
  /** Waits in a row after which it gives up. */
  readonly attempts: number;
};

/** Brings loads to the receiver, one after the other, until each is durable there and the checkpoint says so. */
export class Delivery {
  readonly packer: Packer;
  readonly #options: DeliveryOptions;
  readonly #backoff: Backoff;
  readonly #trouble: Trouble;
  readonly #judge: Judge;
  #generation = 0;

  constructor(options: DeliveryOptions) {
    const { settings, random, sink } = options;
    this.#options = options;
    this.packer = createPacker(options);
    this.#backoff = createBackoff(settings.retry, random);
    this.#trouble = createTrouble({ ...options, server: sink.server });
    this.#judge = new Judge({ ...options, backoff: this.#backoff, trouble: this.#trouble });
  }

  /** @param prepared the load as it was packed ahead of time */
  async deliver(load: Load, prepared: Packed, signals: Signals): Promise<Delivered> {
    const parts: Part[] = [partOf(load, prepared)];
    let waits = 0;
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      const step = await this.#attempt(part, signals);
      if (step.kind === "stopped" || step.kind === "reset") return step;
      if (step.kind === "wait") {
        waits += 1;
        if (waits >= signals.attempts) return { kind: "gave_up" };
        await this.#wait(step.ms, signals);
        if (signals.soft.aborted) return { kind: "stopped" };
      }
      const rest = await this.#after(step, part, signals);
      if (rest === null) return { kind: "stopped" };
      if (step.kind === "acknowledged") waits = 0;
      parts.splice(0, 1, ...rest);
    }
    this.#trouble.over();
    return { kind: "delivered" };
  }

  /**
   * Asks, while there is nothing to send, whether the receiver still has what it acknowledged: one that went back to a
   * backup must not wait for the next event to get it again.
   * @returns where to read again from, or null
   */
  async missing(signals: Signals): Promise<number | null> {
    const { source, identity } = this.#options;
    if (source.acked === 0 || identity.current().problem !== null) return null;
    const greeting = await this.#greet(signals);
    const step = greeting.kind === "greeted" ? this.#reconcile(greeting) : null;
    return step?.kind === "reset" ? step.to : null;
  }

  /** Waits out a fault of this host. @returns false when it was stopped */
  async pause(reason: string, error: unknown, signals: Signals): Promise<boolean> {
    this.#trouble.waiting(reason, messageOf(error));
    this.#options.meter.retried();
    await this.#wait(this.#backoff.next(), signals);
    return !signals.soft.aborted;
  }

  /** Runs steps that write to this host's disk until they succeed. @returns false when it was stopped before */
  async persist(steps: () => Promise<void>, signals: Signals): Promise<boolean> {
    for (;;) {
      try {
        await steps();
        return true;
      } catch (error) {
        if (!(await this.pause("state-not-writable", error, signals))) return false;
      }
    }
  }

  async #attempt(part: Part, signals: Signals): Promise<Step> {
    const { sink, limiter, timers, meter } = this.#options;
    const refused = this.#refuseLocally(part);
    if (refused !== null) return refused;
    const greeting = await this.#greet(signals);
    if (greeting.kind !== "greeted") return this.#judge.unmet(greeting);
    const reset = this.#reconcile(greeting);
    if (reset !== null) return reset;
    const packed = await this.packer.pick(part);
    if (packed === null) {
      const refusal = { status: 415, reason: "batch-encoding", detail: null };
      return this.#judge.denied(refusal, part.packed);
    }
    if (!this.packer.fits(packed)) return { kind: "smaller", reason: "batch-too-large" };
    await timers.sleep(limiter.take(packed.body.length), signals.soft);
    if (signals.soft.aborted) return { kind: "stopped" };
    meter.sent(packed.body.length);
    return this.#judge.batch(
      await sink.send(greeting, requestOf(packed), signals.hard),
      part,
      packed,
    );
  }

  /** What can be known without connecting. */
  #refuseLocally({ load }: Part): Step | null {
    const { hostId, problem } = this.#options.identity.current();
    if (problem !== null) return this.#judge.tls(problem.cause, problem.detail);
    if (!isForeign(load.lines, hostId)) return null;
    const detail = `the certificate is for ${hostId}, the events are another host's`;
    return this.#judge.tls("own_certificate_other_host", detail);
  }

  /** What an older hello says is missing may have been delivered since, by whoever had this spool before. */
  async #greet({ soft }: Signals): Promise<GreetReply> {
    const { sink, source } = this.#options;
    const greeting = await sink.greet(source.spoolId, soft);
    if (greeting.kind !== "greeted" || greeting.generation === this.#generation) return greeting;
    const isBehind = headOf(greeting, source.spoolId) < source.acked;
    return isBehind ? await sink.greet(source.spoolId, soft, true) : greeting;
  }

  /** Once for each connection: a receiver that was set back to an older state gets again what it lost. */
  #reconcile(greeting: Greeting): Step | null {
    if (greeting.generation === this.#generation) return null;
    const { source, log, stream } = this.#options;
    this.#generation = greeting.generation;
    this.packer.greeted(greeting.hello);
    this.#trouble.greeted();
    const to = headOf(greeting, source.spoolId);
    if (to >= source.acked) return null;
    log.warn({ stream, acked: source.acked, server_has: to }, "the server lost events; again");
    return { kind: "reset", to };
  }

  /** @returns what is left of the part; null when it was stopped */
  async #after(step: Step, part: Part, signals: Signals): Promise<readonly Part[] | null> {
    if (step.kind === "smaller") return await this.#smaller(part, step.reason, signals);
    if (step.kind === "encode") this.packer.refuse(step.refused);
    if (step.kind !== "acknowledged") return [part];
    const { meter, clock } = this.#options;
    const { packed, ack } = step;
    const confirm = confirmationOf(packed, ack, { ...this.#options, ...this.#keeping() });
    if (!(await this.persist(confirm, signals))) return null;
    this.#backoff.reset();
    meter.acked({ events: ack.accepted + ack.duplicate, at: clock.now() });
    meter.state("shipping");
    return [];
  }

  /** Halves, or the one event that is refused whatever it travels with: kept, and named as a gap. */
  async #smaller(part: Part, reason: string, signals: Signals): Promise<readonly Part[] | null> {
    const two = halves(part.load);
    if (two !== null) return two.map((half) => partOf(half));
    const refused = part.load.lines.map((line) => ({ line, reason }));
    const isKept = await this.persist(keepingOf(refused, this.#keeping()), signals);
    return isKept ? [partOf(withheld(part.load))] : null;
  }

  #keeping(): Keeping {
    const { quarantine, meter, stream, notes } = this.#options;
    return {
      quarantine,
      // The notes' own stream makes none: each refused note would make the next.
      tell: stream === "agent" ? (evidence) => notes.tell(evidence) : () => {},
      onKept: () => meter.quarantined(1),
    };
  }

  /** A new certificate ends it early. */
  async #wait(ms: number, { soft }: Signals): Promise<void> {
    const changed = new AbortController();
    const forget = this.#options.identity.onChange(() => changed.abort());
    await this.#options.timers.sleep(ms, AbortSignal.any([soft, changed.signal]));
    forget();
  }
}

/** How far the receiver has a spool; 0: not at all. */
function headOf({ hello }: Greeting, spoolId: string): number {
  return hello.spools.find(({ spool_id }) => spool_id === spoolId)?.last_sequence ?? 0;
}
