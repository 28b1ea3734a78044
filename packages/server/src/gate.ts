import type { FastifyRequest } from "fastify";
import type { Limiter } from "./api/limiter.ts";
import type { Identified } from "./identify.ts";
import { refuse, type Refusal } from "./problem.ts";

export type GateDeps = {
  readonly identify: (request: FastifyRequest) => Identified | Refusal;
  /** Requests of one host. */
  readonly limiter: Limiter;
  readonly isDraining: () => boolean;
};

/** Seconds after which a sender may look whether the server is back. */
const DRAIN_RETRY_S = 5;

/** Whether a request of a host goes on: whom it is from, whether it comes too often, whether the server is leaving. */
export function createGate(deps: GateDeps): (request: FastifyRequest) => Identified | Refusal {
  return (request) => {
    const who = deps.identify(request);
    if (who.kind === "refused") return who;
    if (deps.isDraining()) return refuse("draining", undefined, DRAIN_RETRY_S);
    const wait = deps.limiter(who.hostId);
    return wait === null ? who : refuse("rate-limited", undefined, wait);
  };
}
