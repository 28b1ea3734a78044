import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse, sendRefusal, type Refusal } from "../problem.ts";
import type { Registry, Scope, TokenRecord } from "../registry/model.ts";
import { isSecret } from "../tokens.ts";

export type GuardDeps = {
  readonly registry: Pick<Registry, "token">;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  /** Seconds after which one of this name may ask again, or null: now. */
  readonly limit: (name: string) => number | null;
};

type Handler<Asked extends FastifyRequest> = (
  request: Asked,
  reply: FastifyReply,
  token: TokenRecord,
) => Promise<FastifyReply> | FastifyReply;

/** Lets a request through to its handler when it has a token with one of the scopes. */
export type Guard = <Asked extends FastifyRequest>(
  scopes: readonly Scope[],
  handler: Handler<Asked>,
) => (request: Asked, reply: FastifyReply) => Promise<FastifyReply>;

export function createGuard(deps: GuardDeps): Guard {
  return (scopes, handler) => async (request, reply) => {
    const token = authorize(request, scopes, deps);
    if (!("kind" in token)) return handler(request, reply, token);
    if (token.problem === "unauthorized")
      void reply.header("www-authenticate", 'Bearer realm="sigil"');
    return sendRefusal(reply, token);
  };
}

function authorize(
  request: FastifyRequest,
  scopes: readonly Scope[],
  { registry, now, limit }: GuardDeps,
): TokenRecord | Refusal {
  const secret = bearerOf(request.headers.authorization);
  const token = secret === null ? null : registry.token(secret, now());
  // A token's own requests, so that one reader does not stop another; without one, those of its address.
  const wait = limit(token === null ? `address ${request.ip}` : `token ${token.id}`);
  if (wait !== null) return refuse("rate-limited", undefined, wait);
  if (token === null)
    return refuse(
      "unauthorized",
      secret === null ? undefined : "the token is not known, or has expired",
    );
  if (scopes.some((scope) => token.scopes.includes(scope))) return token;
  return refuse("forbidden", `the token needs the scope ${scopes.join(" or ")}`);
}

function bearerOf(header: string | undefined): string | null {
  const secret = /^Bearer ([\w-]{1,128})$/i.exec(header ?? "")?.[1];
  return secret !== undefined && isSecret(secret) ? secret : null;
}
