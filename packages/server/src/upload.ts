import { BATCH_TYPE, WIRE_VERSION, type Ack } from "@sigil/core";
import { errnoOf, messageOf } from "@sigil/core/plain";
import type { FastifyReply, FastifyRequest } from "fastify";
import { admitBatch } from "./admit.ts";
import { createBodyBudget, discard, readBody } from "./body.ts";
import type { Identified } from "./identify.ts";
import type { IngestDeps } from "./ingest.ts";
import { createLanes } from "./lanes.ts";
import { refuse, sendRefusal, type Refusal } from "./problem.ts";
import type { AdmittedBatch, Commit } from "./store/model.ts";
import { encodingOf, unpack, type Encoding, type Slab } from "./unpack.ts";

type Stored = {
  readonly kind: "stored";
  readonly batch: Omit<AdmittedBatch, "receivedAt">;
  readonly commit: Commit;
};

/** Seconds after which a sender may look whether the store can be written again. */
const STORE_RETRY_S = 5;
const BUSY_RETRY_S = 1;

/** `POST /v1/events`: reads, unpacks, checks, stores, and only then answers. */
export function createUpload(deps: IngestDeps) {
  const { limits } = deps;
  // One body of the largest size always fits.
  const budget = createBodyBudget(Math.max(limits.max_inflight_bytes, limits.max_body_bytes));
  const lanes = createLanes(limits);
  const bodyLimits = { maxBytes: limits.max_body_bytes, budget };

  async function receive(request: FastifyRequest, who: Identified, encoding: Encoding) {
    const body = await readBody(request.raw, request.headers["content-length"], bodyLimits);
    if (body.kind !== "body") return body;
    try {
      const done = await lanes.run(body.bytes.length, (slab, maxBytes) =>
        process({ body: body.bytes, encoding, who }, { slab, maxBytes }, deps),
      );
      return done ?? refuse("overloaded", undefined, BUSY_RETRY_S);
    } finally {
      body.release();
    }
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const turnDown = (refusal: Refusal): FastifyReply => {
      discard(request.raw, 2 * limits.max_body_bytes);
      return sendRefusal(reply, refusal);
    };
    const who = deps.admit(request);
    if (who.kind === "refused") return turnDown(who);
    if (mediaType(request) !== BATCH_TYPE)
      return turnDown(refuse("batch-encoding", `a batch has the type ${BATCH_TYPE}`));
    const encoding = encodingOf(request.headers["content-encoding"]);
    if (encoding === null) return turnDown(refuse("batch-encoding", "this encoding is not known"));
    const done = await receive(request, who, encoding);
    if (done.kind === "aborted") return reply.hijack();
    if (done.kind === "refused") return turnDown(done);
    return reply
      .type("application/json; charset=utf-8")
      .header("cache-control", "no-store")
      .send(JSON.stringify(ackOf(done)));
  };
}

type Upload = {
  readonly body: Buffer;
  readonly encoding: Encoding;
  readonly who: Identified;
};
type Room = { readonly slab: Slab; readonly maxBytes: number };

async function process(
  { body, encoding, who }: Upload,
  { slab, maxBytes }: Room,
  deps: IngestDeps,
): Promise<Stored | Refusal> {
  const { limits, store, hash, now } = deps;
  const bytes = await unpack(body, encoding, maxBytes, slab);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const admitted = await admitBatch(bytes, who, hash, {
    maxEvents: limits.max_events,
    maxEventBytes: limits.max_event_bytes,
    maxJsonDepth: limits.max_json_depth,
  });
  if (admitted.kind === "refused") return admitted;
  const { batch } = admitted;
  try {
    const commit = await store.commit({ ...batch, receivedAt: now() });
    const { accepted, duplicate, rejected } = commit;
    deps.onBatch?.({ accepted, duplicate, rejected: rejected.length, bytes: bytes.length });
    return { kind: "stored", batch, commit };
  } catch (error) {
    deps.log.error({ code: errnoOf(error) }, messageOf(error));
    return refuse("store-unavailable", undefined, STORE_RETRY_S);
  }
}

/** The content type without its parameters. */
function mediaType(request: FastifyRequest): string {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  return type.trim().toLowerCase();
}

/** Longest `detail` of one event. */
const MAX_DETAIL = 200;

function ackOf({ batch: { manifest }, commit }: Stored): Ack {
  return {
    wire_version: WIRE_VERSION,
    batch_id: manifest.batch_id,
    digest: manifest.digest,
    accepted: commit.accepted,
    duplicate: commit.duplicate,
    rejected: commit.rejected.map(({ sequence, eventId, reason, detail }) => ({
      sequence,
      event_id: eventId,
      reason,
      ...(detail === undefined ? {} : { detail: detail.slice(0, MAX_DETAIL) }),
    })),
    high_water: commit.highWater,
  };
}
