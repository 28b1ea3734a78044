import type { PolicyAnswer, PolicySource } from "../courier.ts";
import type { Fault, Reply, Sink } from "../ports.ts";

/** An ETag longer than this is not sent back. Characters. */
const MAX_ETAG = 256;

/** `GET /v1/policy` over the connection that batches take (docs/specs/transport.md). */
export function policySource(sink: Sink, maxBytes: number): PolicySource {
  return {
    async policy(etag, signal) {
      const greeting = await sink.greet(null, signal);
      if (greeting.kind !== "greeted") return notAnswered(greeting);
      const headers: Record<string, string> = etag === null ? {} : { "if-none-match": etag };
      return answerOf(
        await sink.send(greeting, { method: "GET", path: "/v1/policy", headers, maxBytes }, signal),
      );
    },
  };
}

function answerOf(reply: Reply): PolicyAnswer {
  if (reply.kind === "fault") return notAnswered(reply);
  switch (reply.status) {
    case 200: {
      if (reply.body.length === 0) return { kind: "failed", detail: "the policy is empty" };
      return { kind: "policy", etag: usable(reply.headers["etag"]), bytes: reply.body };
    }
    case 304:
      return { kind: "unchanged" };
    case 404:
      return { kind: "none" };
    default:
      return notAnswered(reply);
  }
}

function notAnswered(reply: Reply): PolicyAnswer {
  if (reply.kind === "answer")
    return { kind: "failed", detail: `the server answered ${reply.status}` };
  return { kind: "failed", detail: faultText(reply.fault) };
}

export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "tls":
      return `${fault.cause}: ${fault.detail}`;
    case "network":
      return `${fault.reason}: ${fault.detail}`;
    case "spent":
      return "the connection ended";
    case "aborted":
      return "stopped";
  }
}

/** RFC 9110 §8.8.3; anything else would come back in a header of ours. */
const ETAG = /^(?:W\/)?"[\u0021\u0023-\u007e]*"$/;

function usable(etag: string | undefined): string | null {
  return etag !== undefined && etag.length <= MAX_ETAG && ETAG.test(etag) ? etag : null;
}
