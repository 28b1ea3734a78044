import {
  ackSchema,
  BATCH_TYPE,
  problemName,
  problemSchema,
  PROBLEM_TYPE,
  type Ack,
  type Problem,
  type ProblemName,
} from "@sigil/core";
import { retryAfterMs } from "./backoff.ts";
import type { Packed } from "./pack.ts";
import type { Answer, SinkRequest, TlsCause } from "./ports.ts";

/**
 * What an answer means for the batch. `later`: the same again after a wait. `too_large`, `unreadable`: smaller, or not
 * at all (`isOurs`: a Sigil server says so, so one event that is refused alone may be put aside). `encoding`: packed
 * otherwise. `denied`: somebody must act.
 */
export type Verdict =
  | { readonly kind: "acknowledged"; readonly ack: Ack }
  | ({ readonly kind: "too_large"; readonly isOurs: boolean } & Refusal)
  | ({ readonly kind: "unreadable" } & Refusal)
  | ({ readonly kind: "encoding" } & Refusal)
  | ({ readonly kind: "denied"; readonly cause: TlsCause | null } & Refusal)
  | ({ readonly kind: "later"; readonly afterMs: number | null } & Refusal);

export type Refusal = {
  readonly status: number;
  /** The problem's name, or `http-<status>`; kebab-case. */
  readonly reason: string;
  readonly detail: string | null;
};

const DETAIL_CHARS = 300;

/** `POST /v1/events` of one batch. */
export function requestOf(packed: Packed): SinkRequest {
  const { encoding, body } = packed;
  return {
    method: "POST",
    path: "/v1/events",
    headers: {
      "content-type": BATCH_TYPE,
      ...(encoding === "identity" ? {} : { "content-encoding": encoding }),
    },
    body,
  };
}

/**
 * Reads the answer to a batch. Only a well-formed acknowledgement of this very batch acknowledges it.
 * @param now milliseconds since the epoch, for Retry-After
 */
export function verdictOf(answer: Answer, packed: Packed, now: number): Verdict {
  if (answer.status !== 200) return refusalOf(answer, now);
  const ack = ackOf(answer, packed);
  if (typeof ack !== "string") return { kind: "acknowledged", ack };
  return { kind: "later", afterMs: null, status: 200, reason: "answer-malformed", detail: ack };
}

/** Reads any answer that is not the one hoped for. */
export function refusalOf(answer: Answer, now: number): Exclude<Verdict, { kind: "acknowledged" }> {
  const problem = problemOf(answer);
  const name = problem === null ? null : problemName(problem);
  const { status } = answer;
  const detail = problem?.detail?.slice(0, DETAIL_CHARS) ?? null;
  const refusal: Refusal = { status, reason: name ?? `http-${status}`, detail };
  if (isPassing(status)) {
    return { kind: "later", afterMs: retryAfterMs(answer.headers["retry-after"], now), ...refusal };
  }
  if (status === 413) return { kind: "too_large", isOurs: name === "batch-too-large", ...refusal };
  if (status === 415) return { kind: "encoding", ...refusal };
  if (name === "batch-malformed" || name === "batch-digest") {
    return { kind: "unreadable", ...refusal };
  }
  return { kind: "denied", cause: name === null ? null : causeOf(name), ...refusal };
}

/** 2xx that is no acknowledgement comes from something in between. */
function isPassing(status: number): boolean {
  return status >= 500 || (status >= 200 && status < 300) || [408, 425, 429].includes(status);
}

function causeOf(name: ProblemName): TlsCause | null {
  switch (name) {
    case "certificate-revoked":
      return "own_certificate_revoked";
    case "certificate-unknown":
    case "identity-missing":
      return "own_certificate_rejected";
    case "identity-mismatch":
      return "own_certificate_other_host";
    default:
      return null;
  }
}

/** @returns what is wrong with it, or the acknowledgement */
function ackOf(answer: Answer, { manifest, load }: Packed): Ack | string {
  if (!isType(answer, "application/json")) return "the answer is not JSON";
  const parsed = ackSchema.safeParse(parseJson(answer.body));
  if (!parsed.success) return "the answer is not an acknowledgement";
  const ack = parsed.data;
  if (ack.batch_id !== manifest.batch_id || ack.digest !== manifest.digest) {
    return "the acknowledgement is of another batch";
  }
  const refused = new Set(ack.rejected.map(({ sequence }) => sequence));
  const told = ack.accepted + ack.duplicate + refused.size;
  if (told !== manifest.count || refused.size !== ack.rejected.length) {
    return `the acknowledgement counts ${told} of ${manifest.count} events`;
  }
  const sent = load.lines.filter(({ sequence }) => refused.has(sequence)).length;
  return sent === refused.size ? ack : "the acknowledgement refuses events that were not sent";
}

function problemOf(answer: Answer): Problem | null {
  if (!isType(answer, PROBLEM_TYPE)) return null;
  const parsed = problemSchema.safeParse(parseJson(answer.body));
  return parsed.success ? parsed.data : null;
}

function isType(answer: Answer, type: string): boolean {
  return (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() === type;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  } catch {
    return undefined;
  }
}
