import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import { hostIn } from "@sigil/core/plain";
import { plainSerial } from "./ca/serial.ts";
import { refuse, type Refusal } from "./problem.ts";
import type { Registry } from "./registry/model.ts";

/** What a peer's certificate says, before the register is asked. */
export type Peer = {
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** Of the only SAN URI that names a host; null when there is none, or more than one. */
  readonly hostId: string | null;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
};

/** Whom a request is from. */
export type Identified = {
  readonly kind: "host";
  readonly hostId: string;
  readonly group: string;
  readonly serial: string;
};

export type IdentifyDeps = {
  readonly registry: Pick<Registry, "certificate">;
  /** Whether a certificate of the trusted CA that is not in the register will do (`tls.unknown_certificates`). */
  readonly acceptUnknown: boolean;
  /** Wall time, milliseconds. */
  readonly now: () => number;
};

/** The group of a host that the register does not know. */
export const DEFAULT_GROUP = "default";

/**
 * Says whom a request is from, or why it is refused. The register is asked on every request, so a revocation counts on
 * the connections that are open too; the certificate is read once a connection.
 */
export function createIdentifier(
  deps: IdentifyDeps,
): (request: FastifyRequest) => Identified | Refusal {
  const peers = new WeakMap<object, Peer>();
  return (request) => {
    const peer = peerOf(request.raw.socket as TLSSocket, peers);
    return peer ? judge(peer, deps) : refuse("identity-missing", "there is no client certificate");
  };
}

function peerOf(socket: TLSSocket, known: WeakMap<object, Peer>): Peer | null {
  const before = known.get(socket);
  if (before) return before;
  const certificate = socket.getPeerX509Certificate?.();
  // `authorized`: whoever configures a listener that lets strangers in has not thereby made them hosts.
  if (!certificate || !socket.authorized) return null;
  const peer = readPeer(certificate);
  known.set(socket, peer);
  return peer;
}

/** What is read of a certificate. */
export function readPeer(certificate: X509Certificate): Peer {
  return {
    serial: plainSerial(certificate.serialNumber),
    hostId: hostIn(certificate.subjectAltName ?? ""),
    notAfter: certificate.validToDate.getTime(),
  };
}

function judge(peer: Peer, deps: IdentifyDeps): Identified | Refusal {
  if (peer.hostId === null) return refuse("identity-missing");
  if (peer.notAfter < deps.now())
    return refuse(
      "certificate-unknown",
      "the certificate has expired since the connection was made",
    );
  const status = deps.registry.certificate(peer.serial);
  if (status.kind === "revoked") return refuse("certificate-revoked", `revoked at ${status.at}`);
  if (status.kind === "unknown" && !deps.acceptUnknown) return refuse("certificate-unknown");
  if (status.kind === "good" && status.host_id !== peer.hostId)
    return refuse("certificate-unknown", "the register has this serial for another host");
  const group = status.kind === "good" ? status.group : DEFAULT_GROUP;
  return { kind: "host", hostId: peer.hostId, group, serial: peer.serial };
}
