import type { FastifyInstance, FastifyRequest } from "fastify";
import { DEFAULT_GROUP, type Identified } from "../identify.ts";
import { problem, sendRefusal, type Refusal } from "../problem.ts";
import type { Registry } from "../registry/model.ts";

export type PolicyDeps = {
  readonly registry: Pick<Registry, "policy">;
  /** Whom a request is from, and why it is turned down otherwise. */
  readonly admit: (request: FastifyRequest) => Identified | Refusal;
};

/** What is served: DSSE in JSON, opaque to the server and to the sender. */
const DELIVERY_TYPE = "application/vnd.sigil.delivery.v1+json";

/** `GET /v1/policy`, for hosts: what was published for the certificate's group, else for the group `default`. */
export function registerPolicy(app: FastifyInstance, { registry, admit }: PolicyDeps): void {
  app.get("/v1/policy", (request, reply) => {
    const who = admit(request);
    if (who.kind === "refused") return sendRefusal(reply, who);
    const policy = registry.policy(who.group) ?? registry.policy(DEFAULT_GROUP);
    if (!policy) return problem(reply, "not-found", "no policy is published for this host's group");
    // The answer depends on who asks; whoever keeps it asks again whether it still holds.
    void reply.header("etag", `"${policy.etag}"`).header("cache-control", "private, no-cache");
    if (holds(request.headers["if-none-match"], policy.etag)) return reply.code(304).send();
    return reply.type(DELIVERY_TYPE).send(Buffer.from(policy.bytes));
  });
}

/** RFC 9110 §13.1.2: weak comparison, any of a list, or `*`. */
function holds(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(",")
    .map((one) => one.trim().replace(/^W\//, ""))
    .some((one) => one === "*" || one === `"${etag}"`);
}
