import type { Log } from "@sigil/cli/log";
import { SigilError } from "@sigil/core/plain";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Authority } from "../ca/authority.ts";
import { readRequest, type HostRequest } from "../ca/csr.ts";
import { DEFAULT_GROUP } from "../identify.ts";
import { problem } from "../problem.ts";
import type { Registry, TokenRecord } from "../registry/model.ts";
import type { Guard } from "./guard.ts";
import { sendJson } from "./respond.ts";

export type EnrollDeps = {
  /** Null where this server issues no certificates: its hosts' CA is another. */
  readonly authority: Pick<Authority, "issueHost" | "caPem"> | null;
  /** What hosts check this server's own certificate with; null: not a CA of this server. */
  readonly serverCa: string | null;
  readonly registry: Registry;
  readonly guard: Guard;
  /** How long a certificate is valid. */
  readonly days: number;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  readonly log: Pick<Log, "info">;
};

const bodySchema = z.strictObject({
  csr: z
    .string()
    .min(1)
    .max(16 * 1024),
});

/** Of the request. A certificate request with an RSA key of 4096 bits has about 1,700. */
const MAX_BODY = 32 * 1024;

/** `POST /v1/enroll`: a host's first certificate, for a token with the scope `enroll`. */
export function registerEnroll(app: FastifyInstance, deps: EnrollDeps): void {
  app.post(
    "/v1/enroll",
    { bodyLimit: MAX_BODY },
    deps.guard(["enroll"], (request, reply, token) => enroll(request, reply, token, deps)),
  );
}

async function enroll(
  request: FastifyRequest,
  reply: FastifyReply,
  token: TokenRecord,
  deps: EnrollDeps,
): Promise<FastifyReply> {
  if (!deps.authority) return problem(reply, "not-found", "this server issues no certificates");
  const asked = await readBody(request.body);
  if (typeof asked === "string") return problem(reply, "request-invalid", asked);
  const { days, now, registry } = deps;
  const issued = await deps.authority.issueHost({ ...asked, days });
  // No wait between looking and writing: of two that ask for one host at once, the second sees the first.
  if (!token.replace && hasGood(registry, asked.hostId, now()))
    return problem(
      reply,
      "forbidden",
      "the host has a certificate, and the token may not replace one",
    );
  if (!registry.useToken(token.id)) return problem(reply, "forbidden", "the token has no use left");
  const group = token.group ?? DEFAULT_GROUP;
  registry.addCertificate({
    serial: issued.serial,
    host_id: asked.hostId,
    group,
    not_before: issued.notBefore,
    not_after: issued.notAfter,
    issued_at: new Date(now()).toISOString(),
  });
  deps.log.info({ host_id: asked.hostId, serial: issued.serial, token: token.id }, "enrolled");
  return sendJson(reply.code(201), {
    host_id: asked.hostId,
    group,
    serial: issued.serial,
    not_after: issued.notAfter,
    certificate: issued.certPem,
    ca: deps.serverCa,
  });
}

/** @returns what is wrong with it, in a sentence, instead */
async function readBody(body: unknown): Promise<HostRequest | string> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) return 'the body must be {"csr": "-----BEGIN CERTIFICATE REQUEST-----…"}';
  try {
    return await readRequest(parsed.data.csr);
  } catch (error) {
    if (error instanceof SigilError && error.code === "SIGIL_SERVER_CSR") return error.message;
    throw error;
  }
}

function hasGood(registry: Registry, hostId: string, now: number): boolean {
  return registry
    .certificates({ host: hostId })
    .some((one) => one.revoked_at === null && Date.parse(one.not_after) > now);
}
