import type { Server } from "node:https";
import type { TLSSocket } from "node:tls";
import { messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import { readPeer, type Peer } from "./identify.ts";
import type { Metrics } from "./metrics.ts";
import type { Registry } from "./registry/model.ts";

/** How often a revocation is looked for; a request is checked by itself. Milliseconds. */
const LOOK_MS = 250;

export type ConnectionsOptions = {
  readonly registry: Pick<Registry, "certificate" | "revocationMark">;
  readonly maxPerHost: number;
  /** As `tls.unknown_certificates`. */
  readonly acceptUnknown: boolean;
  readonly metrics: Metrics;
  readonly log: Pick<Log, "warn" | "info">;
  /** Wall time, milliseconds. */
  readonly now: () => number;
};

/** The open connections of hosts. */
export interface Connections {
  readonly size: number;
  /** Closes those whose certificate is revoked or has ended. */
  look(): void;
  close(): void;
}

/** Follows the connections of a listener that requires client certificates. */
export function trackConnections(server: Server, options: ConnectionsOptions): Connections {
  const open = new Map<TLSSocket, Peer>();
  const byHost = new Map<string, Set<TLSSocket>>();
  const onSecure = (socket: TLSSocket) => {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) return void socket.destroy();
    const peer = readPeer(certificate);
    open.set(socket, peer);
    const own = join(socket, peer.hostId ?? "", byHost);
    socket.once("close", () => {
      open.delete(socket);
      leave(socket, peer.hostId ?? "", byHost);
    });
    // A session that is resumed is not checked again by TLS: its certificate may have ended since.
    if (peer.notAfter <= options.now()) return drop(socket, "expired", options);
    // The oldest goes: a host whose network broke comes back before its old connections have timed out here.
    const [oldest] = own;
    if (own.size > options.maxPerHost && oldest) drop(oldest, "per_host", options);
  };
  server.on("secureConnection", onSecure);
  const look = lookout(open, options);
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    get size() {
      return open.size;
    },
    look,
    close() {
      clearInterval(timer);
      server.off("secureConnection", onSecure);
    },
  };
}

function join<Item>(item: Item, name: string, groups: Map<string, Set<Item>>): Set<Item> {
  const group = groups.get(name) ?? new Set();
  groups.set(name, group.add(item));
  return group;
}

function leave<Item>(item: Item, name: string, groups: Map<string, Set<Item>>): void {
  const group = groups.get(name);
  group?.delete(item);
  if (group?.size === 0) groups.delete(name);
}

function lookout(open: Map<TLSSocket, Peer>, options: ConnectionsOptions): () => void {
  const { registry, now, log, acceptUnknown } = options;
  let mark: string | null = null;
  let isFailing = false;
  const why = (peer: Peer): string | null => {
    const { kind } = registry.certificate(peer.serial);
    if (kind === "revoked") return "revoked";
    return kind === "unknown" && !acceptUnknown ? "unknown" : null;
  };
  return () => {
    try {
      for (const [socket, peer] of open)
        if (peer.notAfter <= now()) drop(socket, "expired", options);
      const current = registry.revocationMark();
      if (current === mark) return;
      for (const [socket, peer] of open) {
        const reason = why(peer);
        if (reason !== null) drop(socket, reason, options);
      }
      mark = current;
      isFailing = false;
    } catch (error) {
      // Requests fail by themselves then: nothing gets through unchecked.
      if (!isFailing) log.warn(`cannot look for revocations: ${messageOf(error)}`);
      isFailing = true;
    }
  };
}

function drop(socket: TLSSocket, reason: string, { metrics, log }: ConnectionsOptions): void {
  metrics.count("sigil_server_connections_closed_total", { reason });
  log.info({ reason }, "closed a host's connection");
  socket.destroy();
}
