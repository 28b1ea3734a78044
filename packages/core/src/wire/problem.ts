import { z } from "zod";

/** Every `type` that the receiver's errors have (RFC 9457), after `urn:sigil:problem:`. */
export const PROBLEMS = {
  "batch-malformed": { status: 400, title: "The batch cannot be read." },
  "batch-digest": { status: 422, title: "The lines are not those the manifest speaks of." },
  "batch-encoding": { status: 415, title: "The content type or encoding is not supported." },
  "batch-too-large": { status: 413, title: "The batch is larger than this server takes." },
  "identity-missing": { status: 403, title: "The certificate names no host." },
  "identity-mismatch": { status: 403, title: "The certificate is another host's." },
  "certificate-revoked": { status: 403, title: "The certificate was revoked." },
  "certificate-unknown": { status: 403, title: "The certificate was not issued by this server." },
  unauthorized: { status: 401, title: "A bearer token is needed." },
  forbidden: { status: 403, title: "The token does not allow this." },
  "not-found": { status: 404, title: "There is no such thing." },
  "query-invalid": { status: 400, title: "The query cannot be understood." },
  "request-invalid": { status: 400, title: "The request cannot be understood." },
  "rate-limited": { status: 429, title: "Too many requests." },
  draining: { status: 503, title: "The server is shutting down." },
  overloaded: { status: 503, title: "The server has too much to do." },
  "store-unavailable": { status: 503, title: "The store cannot be written." },
  internal: { status: 500, title: "The server failed." },
} as const;

export type ProblemName = keyof typeof PROBLEMS;
export const PROBLEM_PREFIX = "urn:sigil:problem:";
export const PROBLEM_TYPE = "application/problem+json";

/** An error of the receiver, RFC 9457. */
export const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
  })
  .meta({ id: "problem", title: "Problem", description: "Every answer that is an error." });
export type Problem = Readonly<z.output<typeof problemSchema>>;

/** The name after the prefix, or null for a problem that is not this project's. */
export function problemName(problem: Problem): ProblemName | null {
  const name = problem.type.startsWith(PROBLEM_PREFIX)
    ? problem.type.slice(PROBLEM_PREFIX.length)
    : "";
  return Object.hasOwn(PROBLEMS, name) ? (name as ProblemName) : null;
}
