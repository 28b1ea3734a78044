import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";
import type { EventStore } from "../store/model.ts";
import type { Guard } from "./guard.ts";
import { sendText } from "./respond.ts";

export type MetricsDeps = {
  readonly metrics: Metrics;
  readonly store: Pick<EventStore, "stats">;
  readonly guard: Guard;
  /** Sets what is only known when it is asked for. */
  readonly refresh: () => void;
};

/** `GET /metrics`: scope `metrics` or `read`. */
export function registerMetrics(app: FastifyInstance, deps: MetricsDeps): void {
  const { metrics, store, guard, refresh } = deps;
  app.get(
    "/metrics",
    guard(["metrics", "read"], async (_request, reply) => {
      refresh();
      refreshProcess(metrics);
      const { events, hosts, bytes, lastCommitMs } = await store.stats();
      metrics.set("sigil_server_events_stored", events);
      metrics.set("sigil_server_hosts", hosts);
      metrics.set("sigil_server_store_bytes", bytes);
      if (lastCommitMs !== null) metrics.set("sigil_server_commit_seconds", lastCommitMs / 1000);
      return sendText(reply, "text/plain; version=0.0.4; charset=utf-8", metrics.render());
    }),
  );
}

function refreshProcess(metrics: Metrics): void {
  const { user, system } = process.cpuUsage();
  metrics.set("process_resident_memory_bytes", process.memoryUsage.rss());
  metrics.set("process_cpu_seconds_total", (user + system) / 1e6);
  metrics.set("process_start_time_seconds", Math.round(performance.timeOrigin / 1000));
}

/** Counts what a listener answers, by route and never by path: paths are whatever clients write. */
export function countRequests(app: FastifyInstance, listener: string, metrics: Metrics): void {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "other";
    metrics.count("sigil_server_requests_total", { listener, route, status: reply.statusCode });
    metrics.observe("sigil_server_request_seconds", reply.elapsedTime / 1000, { listener, route });
    done();
  });
}
