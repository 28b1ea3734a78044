/** One JSON object a line, each way; a connection carries one request. */
export type ControlRequest =
  | { readonly op: "status" }
  | { readonly op: "reload" }
  /** Signed policy as the courier got it, base64; null: it was longer than is taken. */
  | { readonly op: "envelope"; readonly delivery: string | null };

export type ControlReply =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
    };

/** What the agent says of a delivery. */
export interface EnvelopeAnswer {
  readonly outcome: "applied" | "unchanged" | "rejected";
  /** Of a rejection: a reason of docs/specs/policy.md, or `no_trust_root`. */
  readonly reason?: string;
  readonly detail?: string;
  /** Of the signed policy in force afterwards; null: there is none. */
  readonly version: number | null;
  readonly policy_version: string;
}

/** Longest request of any operation but `envelope`, and longest reply. Bytes. */
export const MAX_REQUEST_BYTES = 64 * 1024;
export const MAX_REPLY_BYTES = 4 * 1024 * 1024;
/** A longer request must begin with this: what it asks for is known before it is read. */
export const ENVELOPE_START = '{"op":"envelope",';
/** A peer that says nothing for this long is cut off. Milliseconds. */
export const IDLE_MS = 5000;
/** A request that is not complete after this is cut off, however lively the peer. Milliseconds. */
export const REQUEST_MS = 30_000;
/** An answer may take as long as a reload with many targets does. Milliseconds. */
export const ANSWER_MS = 60_000;

/** Longest request that carries a delivery of so many bytes. */
export function envelopeRequestBytes(deliveryBytes: number): number {
  return Math.ceil(deliveryBytes / 3) * 4 + 1024;
}

/** @returns null for anything that is not a request this version knows */
export function parseRequest(line: string): ControlRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("op" in value)) return null;
  if (value.op === "status" || value.op === "reload") return { op: value.op };
  if (value.op !== "envelope" || !("delivery" in value)) return null;
  return typeof value.delivery === "string" ? { op: "envelope", delivery: value.delivery } : null;
}
