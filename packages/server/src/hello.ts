import { WIRE_VERSION, type Hello } from "@sigil/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { IngestDeps } from "./ingest.ts";
import { problem, sendRefusal } from "./problem.ts";
import { timeText } from "./store/times.ts";
import { ENCODINGS } from "./unpack.ts";

/** Spools asked about at once: a sender has two. */
const MAX_SPOOLS = 16;

const spoolId = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
const querySchema = z.looseObject({
  spool_id: z
    .preprocess(
      (value) => (typeof value === "string" ? [value] : value),
      z.array(spoolId).max(MAX_SPOOLS),
    )
    .default([]),
});

/**
 * `GET /v1/hello`: whom the server takes the connection for, what it takes, how far it has the sender's spools.
 * Parameters that are not known are left alone, for senders that are newer.
 */
export function createHello(deps: IngestDeps) {
  const { store, limits, server, now } = deps;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const who = deps.admit(request);
    if (who.kind === "refused") return sendRefusal(reply, who);
    const query = querySchema.safeParse(request.query);
    if (!query.success)
      return problem(reply, "query-invalid", `spool_id: up to ${MAX_SPOOLS} ULIDs`);
    const hello: Hello = {
      wire_version: WIRE_VERSION,
      server,
      host_id: who.hostId,
      group: who.group,
      time: timeText(now()),
      limits: {
        max_body_bytes: limits.max_body_bytes,
        max_batch_bytes: limits.max_batch_bytes,
        max_events: limits.max_events,
        max_event_bytes: limits.max_event_bytes,
      },
      encodings: [...ENCODINGS],
      spools: [...(await store.heads(who.hostId, query.data.spool_id))],
    };
    return reply
      .type("application/json; charset=utf-8")
      .header("cache-control", "no-store")
      .send(JSON.stringify(hello));
  };
}
