import type { Ack } from "@sigil/core";
import type { Backoff } from "./backoff.ts";
import type { Encoding, Packed } from "./pack.ts";
import type { Part } from "./part.ts";
import type { Clock, Fault, Meter, Reply, TlsCause } from "./ports.ts";
import { refusalOf, verdictOf, type Refusal, type Verdict } from "./post.ts";
import type { Trouble } from "./trouble.ts";

/**
 * What to do next with a part. `smaller`: in halves, or a single event kept back for the reason given. `encode`: not in
 * this encoding. `reset`: the receiver lost what comes after `to`.
 */
export type Step =
  | { readonly kind: "acknowledged"; readonly packed: Packed; readonly ack: Ack }
  | { readonly kind: "smaller"; readonly reason: string }
  | { readonly kind: "encode"; readonly refused: Encoding }
  | { readonly kind: "again" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "reset"; readonly to: number }
  | { readonly kind: "stopped" };

/** Connections that end unused, in a row, before that is a fault like any other. */
const MAX_AGAIN = 3;

export type JudgePorts = {
  readonly meter: Meter;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly trouble: Trouble;
};

/** Turns answers and faults into what to do next, and says what is wrong. */
export class Judge {
  readonly #ports: JudgePorts;
  #again = 0;

  constructor(ports: JudgePorts) {
    this.#ports = ports;
  }

  /** The answer to a batch. */
  batch(reply: Reply, part: Part, packed: Packed): Step {
    if (reply.kind === "fault") return this.#fault(reply.fault);
    this.#again = 0;
    const verdict = verdictOf(reply, packed, this.#ports.clock.now());
    if (verdict.kind !== "acknowledged") return this.#refusal(verdict, part, packed);
    return { kind: "acknowledged", packed, ack: verdict.ack };
  }

  /** No greeting: what it says of the connection, it says of all batches. */
  unmet(reply: Reply): Step {
    if (reply.kind === "fault") return this.#fault(reply.fault);
    const verdict = refusalOf(reply, this.#ports.clock.now());
    if (verdict.kind === "later") return this.#later(verdict, verdict.afterMs);
    return verdict.kind === "denied" ? this.#denial(verdict, null) : this.denied(verdict, null);
  }

  /** Somebody must act. */
  denied(refusal: Refusal, packed: Packed | null): Step {
    const { meter, trouble, backoff } = this.#ports;
    meter.retried();
    trouble.refused(refusal, packed);
    return { kind: "wait", ms: backoff.longest() };
  }

  /** A certificate is wrong. Only somebody here can mend this host's own. */
  tls(cause: TlsCause, detail: string): Step {
    const { meter, trouble, backoff } = this.#ports;
    meter.retried();
    trouble.tls(cause, detail);
    return { kind: "wait", ms: cause.startsWith("own_") ? backoff.longest() : backoff.next() };
  }

  #refusal(verdict: Exclude<Verdict, { kind: "acknowledged" }>, part: Part, packed: Packed): Step {
    switch (verdict.kind) {
      case "later":
        return this.#later(verdict, verdict.afterMs);
      case "encoding":
        return { kind: "encode", refused: packed.encoding };
      case "too_large":
        return this.#tooMuch(verdict, packed, verdict.isOurs);
      case "unreadable":
        if (part.unreadable) return this.#tooMuch(verdict, packed, true);
        // The same bytes once more: they may have been damaged on their way.
        part.unreadable = true;
        return this.#later(verdict, null);
      case "denied":
        return this.#denial(verdict, packed);
    }
  }

  /** @param isOurs the receiver itself says so, and may decide over a single event */
  #tooMuch(refusal: Refusal, packed: Packed, isOurs: boolean): Step {
    const { count } = packed.manifest;
    if (count === 0 || (count === 1 && !isOurs)) return this.denied(refusal, packed);
    this.#ports.trouble.refused(refusal, packed);
    return { kind: "smaller", reason: refusal.reason };
  }

  #denial(verdict: Extract<Verdict, { kind: "denied" }>, packed: Packed | null): Step {
    if (verdict.cause === null) return this.denied(verdict, packed);
    return this.tls(verdict.cause, verdict.detail ?? verdict.reason);
  }

  #fault(fault: Fault): Step {
    switch (fault.kind) {
      case "aborted":
        return { kind: "stopped" };
      case "tls":
        return this.tls(fault.cause, fault.detail);
      case "spent":
        this.#again += 1;
        if (this.#again <= MAX_AGAIN) return { kind: "again" };
        return this.#later({ reason: "connection-reset", detail: null }, null);
      case "network":
        return this.#later(fault, null);
    }
  }

  #later({ reason, detail }: Pick<Refusal, "reason" | "detail">, afterMs: number | null): Step {
    const { meter, trouble, backoff } = this.#ports;
    meter.retried();
    trouble.waiting(reason, detail);
    return { kind: "wait", ms: afterMs === null ? backoff.next() : backoff.asked(afterMs) };
  }
}
