import type { EvidenceOf, Hello } from "@sigil/core";
import type { ReadBatch, ReadWant } from "@sigil/spool";

/** What the sender tells of itself; each becomes one event of the stream `sender`. */
export type SenderEvidence = EvidenceOf<
  | "batch_rejected"
  | "event_quarantined"
  | "tls_failure"
  | "certificate_expiring"
  | "sender_lag"
  | "sender_heartbeat"
>;

/** Why a connection cannot be trusted or was not let in (`tls_failure` in `@sigil/core`). */
export type TlsCause = EvidenceOf<"tls_failure">["cause"];

/** Takes notes for the receiver. Durable as soon as it can be; best effort: never throws, never waits. */
export interface Notes {
  tell(evidence: SenderEvidence): void;
}

/** Who this host is on the wire. */
export type Credentials = {
  /** From the SAN URI `sigil:host:<id>`. */
  readonly hostId: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** The only authorities whose server certificates are taken. */
  readonly caPem: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Lower-case hex. */
  readonly serial: string;
  /** Why these must not be used, found without connecting; null: they may. */
  readonly problem: { readonly cause: TlsCause; readonly detail: string } | null;
};

export interface Identity {
  current(): Credentials;
  /** @returns stops listening */
  onChange(listener: () => void): () => void;
}

/**
 * What a stream does now: `shipping` delivers, `idle` has nothing to send, `waiting` tries again after a fault,
 * `refused` needs somebody to act (denied by the receiver, or by this host's own checks).
 */
export type MeterState = "shipping" | "idle" | "waiting" | "refused";

export type MeterReading = {
  readonly eventsAcked: number;
  readonly batchesAcked: number;
  /** Events. */
  readonly quarantined: number;
  readonly retries: number;
  /** Of request bodies, repeats included. */
  readonly bytesSent: number;
  /** Milliseconds since the epoch. */
  readonly lastAckAt: number | null;
  readonly state: MeterState;
  /** Kebab-case, why it waits or is refused; null otherwise. */
  readonly reason: string | null;
  readonly detail: string | null;
};

/** Counters of one stream since the program began. Counts only grow. */
export interface Meter {
  acked(batch: { readonly events: number; readonly at: number }): void;
  quarantined(events: number): void;
  retried(): void;
  sent(bytes: number): void;
  state(state: MeterState, reason?: string, detail?: string): void;
  reading(): MeterReading;
}

/** A spool's consumer as the pipeline uses it; `Consumer` of `@sigil/spool` is one. */
export interface Source {
  readonly spoolId: string;
  /** Last sequence in the checkpoint; 0: none. */
  readonly acked: number;
  read(want?: ReadWant): Promise<ReadBatch>;
  ack(sequence: number): Promise<void>;
  /** Reads again from the checkpoint on. */
  rewind(): void;
  /** Steps the checkpoint back, durably. */
  reset(sequence: number): Promise<void>;
}

/** Waiting, so that tests need not. Ends early, without an error, when the signal aborts. */
export interface Timers {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Tells that a spool may have grown. */
export interface Waker {
  /** Ends at the next change, after `ms` at the latest, or when the signal aborts. Never throws. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  /** Ends after `ms`, whatever happens meanwhile, or when the signal aborts. Never throws. */
  settle(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  readonly now: () => number;
  /** Milliseconds; never goes back. */
  readonly monotonic: () => number;
}

/**
 * Why there is no answer. `tls`: not trusted or not let in. `spent`: the connection ended before anything was sent on
 * it, so trying at once is right. `aborted`: this side stopped. `network`: all else; `reason` is kebab-case.
 */
export type Fault =
  | { readonly kind: "tls"; readonly cause: TlsCause; readonly detail: string }
  | { readonly kind: "network"; readonly reason: string; readonly detail: string }
  | { readonly kind: "spent" }
  | { readonly kind: "aborted" };

export type Answer = {
  readonly kind: "answer";
  readonly status: number;
  /** Lower-case names; of a repeated one the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type Reply = Answer | { readonly kind: "fault"; readonly fault: Fault };

export type SinkRequest = {
  readonly method: "GET" | "POST";
  /** With the query, below the server's URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Bytes; default `timeout.ack_max_bytes`. */
  readonly maxBytes?: number;
};

/** One connection on which the receiver has said who it takes this host for. */
export type Greeting = {
  readonly kind: "greeted";
  /** Which connection; a new one has a new number. */
  readonly generation: number;
  /** Spools whose heads were asked for. */
  readonly asked: ReadonlySet<string>;
  readonly hello: Hello;
};

export type GreetReply = Greeting | Reply;

/** A receiver. One connection at a time, greeted before anything else is sent on it. */
export interface Sink {
  /** `host:port`, for people. */
  readonly server: string;
  /**
   * Connects if need be and says hello, once for each connection and spool. Never throws.
   * @param fresh says it once more: what was delivered since is not in an older one
   */
  greet(spoolId: string | null, signal: AbortSignal, fresh?: boolean): Promise<GreetReply>;
  /** Sends on the greeted connection, or not at all. Never throws. */
  send(greeting: Greeting, request: SinkRequest, signal: AbortSignal): Promise<Reply>;
  /** Waits for what is under way, then lets go of the connection. */
  close(): Promise<void>;
}
