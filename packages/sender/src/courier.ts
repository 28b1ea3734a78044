import { errnoOf, messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { Conditions } from "./conditions.ts";
import { askAgent, envelopeReplySchema, type EnvelopeReply } from "./control.ts";
import { fail } from "./errors.ts";
import type { Clock } from "./ports.ts";
import type { SenderSettings } from "./settings.ts";

/** What the server said when it was asked for policy. */
export type PolicyAnswer =
  | { readonly kind: "policy"; readonly etag: string | null; readonly bytes: Uint8Array }
  /** It is the one whose ETag was given. */
  | { readonly kind: "unchanged" }
  /** There is none for this host's group. */
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly detail: string };

export interface PolicySource {
  /** @param etag of what is known; null: nothing is. Never throws. */
  policy(etag: string | null, signal: AbortSignal): Promise<PolicyAnswer>;
}

/** What became of policy so far, for the status. Times are RFC 3339. */
export type PolicyReport = {
  readonly etag: string | null;
  /** When the server last answered. */
  readonly asked_at: string | null;
  /** What the agent said last, and when. */
  readonly outcome: EnvelopeReply["outcome"] | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly version: number | null;
  readonly policy_version: string | null;
  readonly answered_at: string | null;
};

/**
 * Carries policy from the server to the agent. The bytes are opaque here: only the agent can tell whether they are
 * good, and the worst that a courier can do is to be late.
 */
export interface Courier {
  /** Asks the server once, and the agent if there is something for it. Never throws. */
  round(signal: AbortSignal): Promise<void>;
  /** Rounds until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  report(): PolicyReport;
}

export type CourierOptions = {
  readonly source: PolicySource;
  readonly controlPath: string;
  readonly settings: SenderSettings["policy"];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly conditions: Conditions;
  readonly log: Pick<Log, "info" | "warn">;
  readonly ask?: typeof askAgent;
};

/** Share of the poll time by which rounds vary, so that a fleet does not ask in step. */
const JITTER = 0.2;

const NOTHING: PolicyReport = {
  etag: null,
  asked_at: null,
  outcome: null,
  reason: null,
  detail: null,
  version: null,
  policy_version: null,
  answered_at: null,
};

export function createCourier(options: CourierOptions): Courier {
  return new PolicyCourier(options);
}

/** The last policy the server gave; kept, so that an agent that was down gets it without another download. */
type Held = {
  readonly etag: string | null;
  readonly bytes: Uint8Array;
  /** When to offer it again, monotonic; null: at once, no agent answered on it yet. */
  readonly dueAt: number | null;
};

class PolicyCourier implements Courier {
  readonly #options: CourierOptions;
  #held: Held | null = null;
  #report = NOTHING;
  #said = "";

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  report(): PolicyReport {
    return this.#report;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { settings, random, sleep } = this.#options;
    while (!signal.aborted) {
      await this.round(signal);
      const spread = 1 + JITTER * (random() - 0.5);
      await sleep(settings.poll_s * 1000 * spread, signal);
    }
  }

  async round(signal: AbortSignal): Promise<void> {
    const { source, settings, conditions } = this.#options;
    const answer = await source.policy(this.#held?.etag ?? null, signal);
    if (signal.aborted) return;
    conditions.set("policy-not-fetched", answer.kind === "failed" ? answer.detail : null);
    if (answer.kind !== "failed") this.#update({ asked_at: this.#nowText() });
    if (answer.kind === "none") this.#forget();
    if (answer.kind === "policy") this.#hold(answer, settings.max_bytes);
    if (this.#held !== null && this.#isDue(this.#held)) await this.#offer(this.#held);
  }

  #forget(): void {
    this.#held = null;
    this.#update({ etag: null });
    this.#options.conditions.set("policy-not-delivered", null);
  }

  #hold({ etag, bytes }: { etag: string | null; bytes: Uint8Array }, most: number): void {
    if (bytes.length > most) {
      const detail = `${bytes.length} bytes, over policy.max_bytes`;
      this.#options.conditions.set("policy-not-fetched", detail);
      return;
    }
    // A server without ETags gives the same bytes each time; they are offered once.
    const isSame = this.#held !== null && Buffer.compare(this.#held.bytes, bytes) === 0;
    this.#held = { etag, bytes, dueAt: isSame ? (this.#held?.dueAt ?? null) : null };
  }

  #isDue({ dueAt }: Held): boolean {
    return dueAt === null || this.#options.clock.monotonic() >= dueAt;
  }

  async #offer(held: Held): Promise<void> {
    const { conditions, clock, log, settings } = this.#options;
    try {
      const reply = await this.#handOver(held.bytes);
      const pause = reply.outcome === "rejected" ? settings.insist_s : settings.offer_s;
      this.#held = { ...held, dueAt: clock.monotonic() + pause * 1000 };
      conditions.set("policy-not-delivered", null);
      this.#answered(held, reply);
    } catch (error) {
      conditions.set("policy-not-delivered", messageOf(error));
      const said = errnoOf(error) ?? "failed";
      if (said !== this.#said) log.warn({ code: said }, `policy not taken: ${messageOf(error)}`);
      this.#said = said;
    }
  }

  /** @throws SIGIL_SENDER_AGENT_UNREACHABLE, SIGIL_SENDER_AGENT_REFUSED */
  async #handOver(bytes: Uint8Array): Promise<EnvelopeReply> {
    const { controlPath, settings, ask = askAgent } = this.#options;
    const delivery = Buffer.from(bytes).toString("base64");
    const value = await ask(controlPath, { op: "envelope", delivery }, settings.answer_ms);
    const reply = envelopeReplySchema.safeParse(value);
    if (reply.success) return reply.data;
    throw fail("SIGIL_SENDER_AGENT_REFUSED", "the agent's answer on policy cannot be read");
  }

  #answered({ etag }: Held, reply: EnvelopeReply): void {
    const { conditions, log } = this.#options;
    const { outcome, reason = null, detail = null, version = null, policy_version = null } = reply;
    this.#update({ etag, outcome, reason, detail, version, policy_version });
    this.#update({ answered_at: this.#nowText() });
    const why = [reason ?? "no reason given", detail].filter(Boolean).join(": ");
    conditions.set("policy-refused", outcome === "rejected" ? why : null);
    const said = [etag, outcome, reason].join(" ");
    if (said === this.#said) return;
    this.#said = said;
    const facts = { etag, outcome, version, policy_version };
    if (outcome === "rejected") log.warn({ ...facts, reason, detail }, "the agent refused policy");
    else log.info(facts, "the agent has the policy");
  }

  #update(more: Partial<PolicyReport>): void {
    this.#report = { ...this.#report, ...more };
  }

  #nowText(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
