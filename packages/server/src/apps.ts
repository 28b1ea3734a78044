import type { Log } from "@sigil/cli/log";
import { loadHasher } from "@sigil/ports/hash";
import type { FastifyInstance } from "fastify";
import { registerEnroll } from "./api/enroll.ts";
import { createGuard } from "./api/guard.ts";
import { registerHealth, type Readiness } from "./api/health.ts";
import { createLimiter } from "./api/limiter.ts";
import { countRequests, registerMetrics } from "./api/metrics.ts";
import { registerPolicy } from "./api/policy.ts";
import { registerRead } from "./api/read.ts";
import type { Authority } from "./ca/authority.ts";
import { createGate } from "./gate.ts";
import { createIdentifier } from "./identify.ts";
import { registerIngest, type BatchOutcome } from "./ingest.ts";
import { createListener, type ListenerTls } from "./listener.ts";
import type { Metrics } from "./metrics.ts";
import type { Registry } from "./registry/model.ts";
import type { ServerSettings } from "./settings.ts";
import type { EventStore } from "./store/model.ts";
import type { TlsMaterial } from "./tls.ts";
import { VERSION } from "./version.ts";

export type AppDeps = {
  readonly settings: ServerSettings;
  readonly store: EventStore;
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  readonly isDraining: () => boolean;
};

/** Largest body that the read API takes, unless a route says otherwise. Bytes. */
const API_BODY = 64 * 1024;

/** What hosts talk to: every connection has a client certificate of the CA that is trusted. */
export function ingestApp(tls: TlsMaterial, deps: AppDeps): FastifyInstance {
  const { settings, store, registry, metrics, log, now, isDraining } = deps;
  const { limits } = settings;
  const app = createListener({
    tls: ingestTls(tls, settings),
    limits,
    maxBodyBytes: limits.max_body_bytes,
    isDraining,
    log,
  });
  const acceptUnknown = settings.tls.unknown_certificates === "accept";
  const identify = createIdentifier({ registry, acceptUnknown, now });
  const limiter = createLimiter(limits.requests_per_minute, () => performance.now());
  const admit = createGate({ identify, limiter, isDraining });
  countRequests(app, "ingest", metrics);
  registerIngest(app, {
    store,
    admit,
    hash: loadHasher(),
    limits,
    server: `sigil-server ${VERSION}`,
    now,
    log,
    onBatch: (outcome) => countBatch(outcome, metrics),
  });
  registerPolicy(app, { registry, admit });
  return app;
}

function countBatch(outcome: BatchOutcome, metrics: Metrics): void {
  metrics.count("sigil_server_batches_total");
  for (const kind of ["accepted", "duplicate", "rejected"] as const)
    metrics.count("sigil_server_events_total", { outcome: kind }, outcome[kind]);
}

/** What people and their tools talk to: TLS, and a token for all that says anything. */
export function apiApp(
  tls: TlsMaterial,
  authority: Authority | null,
  deps: AppDeps & { readonly readiness: Readiness; readonly refresh: () => void },
): FastifyInstance {
  const { settings, store, registry, metrics, log, now, isDraining } = deps;
  const { limits, certificates } = settings;
  const app = createListener({
    tls: apiTls(tls, settings),
    limits,
    maxBodyBytes: API_BODY,
    isDraining,
    log,
  });
  const limit = createLimiter(limits.api_requests_per_minute, () => performance.now());
  const guard = createGuard({ registry, now, limit });
  const serverCa = tls.isOwn ? (authority?.caPem ?? null) : null;
  countRequests(app, "api", metrics);
  registerRead(app, { store, registry, guard, limits });
  registerEnroll(app, {
    authority,
    serverCa,
    registry,
    guard,
    days: certificates.host_days,
    now,
    log,
  });
  registerMetrics(app, { metrics, store, guard, refresh: deps.refresh });
  registerHealth(app, deps.readiness);
  return app;
}

export function ingestTls(tls: TlsMaterial, { tls: { min_version } }: ServerSettings): ListenerTls {
  return { cert: tls.cert, key: tls.key, minVersion: min_version, clientCa: tls.clientCa };
}

export function apiTls(tls: TlsMaterial, { tls: { min_version } }: ServerSettings): ListenerTls {
  return { cert: tls.cert, key: tls.key, minVersion: min_version };
}
