import type { FastifyInstance, FastifyRequest } from "fastify";
import { problem } from "../problem.ts";
import type { Registry } from "../registry/model.ts";
import type { ServerSettings } from "../settings.ts";
import type { EventStore } from "../store/model.ts";
import { fleetHost, fleetPage } from "./fleet.ts";
import type { Guard } from "./guard.ts";
import { driftQuery, eventsQuery, hostsQuery, riskQuery } from "./query.ts";
import { boundedPage, readQuery, sendEvents, sendJson, sendLines } from "./respond.ts";

export type ReadDeps = {
  readonly store: EventStore;
  readonly registry: Pick<Registry, "certificates">;
  readonly guard: Guard;
  readonly limits: Pick<ServerSettings["limits"], "max_page_bytes">;
};

type HostRequest = FastifyRequest<{ Params: { readonly id: string } }>;

/** What is known of hosts: scope `read`. */
export function registerRead(app: FastifyInstance, deps: ReadDeps): void {
  registerHosts(app, deps);
  registerEvents(app, deps);
  registerRisk(app, deps);
}

function registerHosts(app: FastifyInstance, deps: ReadDeps): void {
  const { store, guard } = deps;
  app.get(
    "/v1/hosts",
    guard(["read"], async (request, reply) => {
      const page = readQuery(request, reply, hostsQuery);
      return page ? sendJson(reply, await fleetPage(page, deps)) : reply;
    }),
  );
  app.get(
    "/v1/hosts/:id",
    guard<HostRequest>(["read"], async ({ params }, reply) => {
      const host = await fleetHost(params.id, deps);
      return host ? sendJson(reply, host) : problem(reply, "not-found");
    }),
  );
  app.get(
    "/v1/hosts/:id/ledger",
    guard<HostRequest>(["read"], async ({ params }, reply) => {
      const ledger = await store.ledger(params.id);
      return ledger ? sendJson(reply, ledger) : problem(reply, "not-found");
    }),
  );
}

function registerEvents(app: FastifyInstance, { store, guard, limits }: ReadDeps): void {
  app.get(
    "/v1/events",
    guard(["read"], async (request, reply) => {
      const query = readQuery(request, reply, eventsQuery);
      if (!query) return reply;
      const { host, kind, severity, since, until } = query;
      const filter = defined({ host, kinds: kind, severities: severity, since, until });
      const repeats = query.repeats === "true";
      const page = await boundedPage(query, limits.max_page_bytes, (piece) =>
        store.events({ ...filter, repeats }, piece),
      );
      return query.format === "jsonl" ? sendLines(reply, page) : sendEvents(reply, page);
    }),
  );
  app.get(
    "/v1/drift",
    guard(["read"], async (request, reply) => {
      const query = readQuery(request, reply, driftQuery);
      if (!query) return reply;
      const filter = defined({ host: query.host, since: query.since });
      const ask = (piece: { limit: number; cursor?: string }) => store.drift(filter, piece);
      return sendEvents(reply, await boundedPage(query, limits.max_page_bytes, ask));
    }),
  );
}

function registerRisk(app: FastifyInstance, { store, guard }: ReadDeps): void {
  app.get(
    "/v1/risk",
    guard(["read"], async (request, reply) => {
      const query = readQuery(request, reply, riskQuery);
      if (!query) return reply;
      const { limit, cursor } = query;
      const filter = defined({ host: query.host, minScore: query.min_score });
      return sendJson(reply, await store.risk(filter, { limit, ...defined({ cursor }) }));
    }),
  );
}

type Defined<Value> = { [Key in keyof Value]?: Exclude<Value[Key], undefined> };

/** Leaves out what is undefined. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  ) as Defined<Value>;
}
