import {
  PROBLEM_PREFIX,
  PROBLEM_TYPE,
  PROBLEMS,
  type Problem,
  type ProblemName,
} from "@sigil/core";
import type { FastifyReply } from "fastify";

/** Longest `detail` told to a client. */
const MAX_DETAIL = 300;

/** A request that is turned down; a value, since turning down is nothing that failed. */
export type Refusal = {
  readonly kind: "refused";
  readonly problem: ProblemName;
  readonly detail?: string;
  /** Seconds after which it may be tried again. */
  readonly retryAfter?: number;
};

export function refuse(name: ProblemName, detail?: string, retryAfter?: number): Refusal {
  return {
    kind: "refused",
    problem: name,
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** The body of an error answer (RFC 9457). */
function problemBody(name: ProblemName, detail?: string): Problem {
  const { status, title } = PROBLEMS[name];
  const body = { type: `${PROBLEM_PREFIX}${name}`, title, status };
  return detail === undefined ? body : { ...body, detail: detail.slice(0, MAX_DETAIL) };
}

/** Answers with a problem, as bytes: to text a charset would be added, of which RFC 9457 knows nothing. @returns the reply, for a handler to return */
export function problem(reply: FastifyReply, name: ProblemName, detail?: string): FastifyReply {
  return reply
    .code(PROBLEMS[name].status)
    .type(PROBLEM_TYPE)
    .header("cache-control", "no-store")
    .send(Buffer.from(JSON.stringify(problemBody(name, detail))));
}

/** Answers with a refusal, and when to come back if it says so. */
export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.retryAfter !== undefined)
    void reply.header("retry-after", String(Math.max(1, Math.ceil(refusal.retryAfter))));
  return problem(reply, refusal.problem, refusal.detail);
}
