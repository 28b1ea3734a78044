import type { Server } from "node:https";
import { dirname } from "node:path";
import type { Log } from "@sigil/cli/log";
import { messageOf } from "@sigil/core/plain";
import { apiApp, apiTls, ingestApp, ingestTls, type AppDeps } from "./apps.ts";
import { currentTls, enrollingAuthority, type CertificateDeps } from "./certificate.ts";
import { filesOf, type Config } from "./config.ts";
import { trackConnections, type Connections } from "./connections.ts";
import { makeDirectory } from "./files.ts";
import { listen, type Listening } from "./listening.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Registry } from "./registry/model.ts";
import { openRegistry } from "./registry/sqlite.ts";
import { startRetention } from "./retention.ts";
import type { ServerSettings } from "./settings.ts";
import type { EventStore } from "./store/model.ts";
import { openStore } from "./store/sqlite.ts";
import { storeOptions } from "./storing.ts";
import type { TlsMaterial } from "./tls.ts";
import { VERSION } from "./version.ts";

export type DaemonOptions = {
  readonly config: Config;
  readonly settings: ServerSettings;
  readonly log: Log;
  /** Wall time, milliseconds. */
  readonly now?: () => number;
};

/** A server that serves. */
export interface Daemon {
  readonly ingest: string;
  readonly api: string;
  /** Reads the certificates again. @throws SIGIL_SERVER_TLS, SIGIL_SERVER_CA_*; then the old ones stay */
  reload(): Promise<void>;
  /** Lets requests end, for as long as `drain_ms`; closes the stores. */
  stop(): Promise<void>;
}

/** How often the server looks whether its own certificate ends soon. Milliseconds. */
const CERTIFICATE_LOOK_MS = 3_600_000;

/**
 * Starts the server.
 * @throws SIGIL_SERVER_TLS, SIGIL_SERVER_CA_*, SIGIL_SERVER_REGISTRY, SIGIL_SERVER_STORE*, SIGIL_SERVER_RUNNING, SIGIL_SERVER_LISTEN
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, settings, log, now = Date.now } = options;
  // Files are 0640 and directories 0750 at most, also those that SQLite makes (design §4).
  process.umask(0o027);
  const certificates = { config, settings, log, now };
  // First: nothing is opened, much less served, without TLS.
  const tls = await currentTls(certificates);
  const metrics = createMetrics();
  const stores = openStores(options, metrics);
  try {
    return await serve(tls, certificates, {
      ...stores,
      settings,
      log,
      now,
      metrics,
    });
  } catch (error) {
    await closeStores(stores);
    throw error;
  }
}

type Stores = { readonly store: EventStore; readonly registry: Registry };

function openStores({ config, settings, log }: DaemonOptions, metrics: Metrics): Stores {
  const files = filesOf(config, settings);
  const registry = openRegistry(files.registry);
  try {
    makeDirectory(dirname(files.store));
    metrics.count("sigil_server_store_set_aside_total", {}, 0);
    const onSetAside = (file: string) => {
      metrics.count("sigil_server_store_set_aside_total");
      log.error({ file }, "the store was damaged and is set aside; a new one was begun");
    };
    return { registry, store: openStore({ ...storeOptions(files.store, settings), onSetAside }) };
  } catch (error) {
    registry.close();
    throw error;
  }
}

async function closeStores({ store, registry }: Stores): Promise<void> {
  await store.close();
  registry.close();
}

type Serving = Omit<AppDeps, "isDraining">;

async function serve(
  first: TlsMaterial,
  certificates: CertificateDeps,
  serving: Serving,
): Promise<Daemon> {
  const { settings, store, registry, metrics, log, now } = serving;
  let tls = first;
  let isDraining = false;
  const parts: { ingest?: Listening; api?: Listening } = {};
  const deps = { ...serving, isDraining: () => isDraining };
  const readiness = () => (isDraining ? Promise.resolve("draining") : readinessOf(store, registry));
  const refresh = () => refreshMetrics(metrics, parts, tls);
  const authority = await enrollingAuthority(tls, certificates);
  const ingestServer = ingestApp(tls, deps);
  const connections = track(ingestServer.server as unknown as Server, deps);
  const ingest = (parts.ingest = await listen(ingestServer, settings.listen));
  const api = (parts.api = await listenOr(
    () => listen(apiApp(tls, authority, { ...deps, readiness, refresh }), settings.api),
    () => ingest.close(0),
  ));
  const onPruned = (count: number) => metrics.count("sigil_server_events_pruned_total", {}, count);
  const endRetention = startRetention({ store, settings: settings.retention, log, now, onPruned });
  metrics.set("sigil_server_info", 1, { version: VERSION });

  const reload = async () => {
    const next = await currentTls(certificates);
    ingest.use(ingestTls(next, settings));
    api.use(apiTls(next, settings));
    tls = next;
    log.info({ not_after: new Date(next.notAfter).toISOString() }, "certificates read again");
  };
  const renewal = setInterval(() => {
    reload().catch((error: unknown) =>
      log.error(`certificates stay as they are: ${messageOf(error)}`),
    );
  }, CERTIFICATE_LOOK_MS).unref();

  log.info({ ingest: ingest.url, api: api.url }, "listening");
  return {
    ingest: ingest.url,
    api: api.url,
    reload,
    async stop() {
      isDraining = true;
      clearInterval(renewal);
      endRetention();
      await Promise.all([ingest.close(settings.drain_ms), api.close(settings.drain_ms)]);
      connections.close();
      await closeStores({ store, registry });
      log.info("stopped");
    },
  };
}

function track(server: Server, { settings, registry, metrics, log, now }: Serving): Connections {
  const { max_connections_per_host: maxPerHost } = settings.limits;
  const acceptUnknown = settings.tls.unknown_certificates === "accept";
  return trackConnections(server, { registry, maxPerHost, acceptUnknown, metrics, log, now });
}

/** Undoes what came before when a step fails. */
async function listenOr(
  start: () => Promise<Listening>,
  undo: () => Promise<void>,
): Promise<Listening> {
  try {
    return await start();
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Whether a batch could be answered now. */
async function readinessOf(store: EventStore, registry: Registry): Promise<string | null> {
  try {
    registry.revocationMark();
    await store.stats();
    return null;
  } catch {
    return "store";
  }
}

function refreshMetrics(
  metrics: Metrics,
  { ingest, api }: { readonly ingest?: Listening; readonly api?: Listening },
  { notAfter }: TlsMaterial,
): void {
  metrics.set("sigil_server_connections", ingest?.connections ?? 0, { listener: "ingest" });
  metrics.set("sigil_server_connections", api?.connections ?? 0, { listener: "api" });
  metrics.set("sigil_server_certificate_expiry_seconds", Math.floor(notAfter / 1000));
}
