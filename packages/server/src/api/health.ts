import type { FastifyInstance } from "fastify";
import { sendJson } from "./respond.ts";

/** Why the server cannot serve now, or null. */
export type Readiness = () => Promise<string | null>;

/** `/healthz`: the process lives. `/readyz`: it can take batches. Neither says anything that needs a token. */
export function registerHealth(app: FastifyInstance, readiness: Readiness): void {
  app.get("/healthz", (_request, reply) => sendJson(reply, { status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const reason = await readiness();
    if (reason === null) return sendJson(reply, { status: "ready" });
    return sendJson(reply.code(503), { status: "unavailable", reason });
  });
}
