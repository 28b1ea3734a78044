import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { buildConnector, Client } from "undici";
import type { Credentials } from "../ports.ts";
import type { SenderSettings } from "../settings.ts";
import { bareHost, proxyAuthorization } from "./proxy.ts";

export type DialOptions = {
  readonly server: URL;
  /** Null: directly. */
  readonly proxy: URL | null;
  /** PEM; undefined: the system's. */
  readonly proxyCa?: string | undefined;
  readonly settings: Pick<SenderSettings, "timeout" | "tls" | "server">;
};

/** Opens connections with one set of credentials; a later one takes up the session of an earlier one. */
export interface Dialer {
  /** Resolves when the server's certificate was checked; rejects with what Node.js throws. */
  dial(signal: AbortSignal): Promise<TLSSocket>;
}

/** @throws what OpenSSL says of unusable certificates and keys, `ERR_OSSL_…` */
export function createDialer(options: DialOptions, credentials: Credentials): Dialer {
  const secureContext = createSecureContext({
    cert: credentials.certPem,
    key: credentials.keyPem,
    ca: credentials.caPem,
    minVersion: options.settings.tls.min_version,
  });
  let session: Buffer | undefined;
  return {
    async dial(signal) {
      const timeout = AbortSignal.timeout(options.settings.timeout.connect_ms);
      const either = AbortSignal.any([signal, timeout]);
      const tunnel = options.proxy === null ? undefined : await openTunnel(options, either);
      const socket = await handshake(options, { secureContext, session, tunnel }, either);
      // TLS 1.3 sends tickets after the handshake, one of them at a time.
      socket.on("session", (ticket: Buffer) => (session = ticket));
      return socket;
    },
  };
}

type Handshake = {
  readonly secureContext: SecureContext;
  readonly session: Buffer | undefined;
  readonly tunnel: Duplex | undefined;
};

function handshake(
  { server, settings }: DialOptions,
  { secureContext, session, tunnel }: Handshake,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const host = bareHost(server);
  const name = settings.server.server_name ?? host;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(server.port || 443),
      // An address is no server name, RFC 6066 §3.
      servername: isIP(name) === 0 ? name : "",
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      secureContext,
      ALPNProtocols: ["http/1.1"],
      ...(session === undefined ? {} : { session }),
      ...(tunnel === undefined ? {} : { socket: tunnel }),
    });
    const abort = () => socket.destroy(timedOut(signal));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.once("close", () => reject(timedOut(signal)));
    socket.once("secureConnect", () => {
      signal.removeEventListener("abort", abort);
      resolve(socket);
    });
  });
}

function timedOut(signal: AbortSignal): Error {
  const code = signal.aborted ? "ETIMEDOUT" : "ECONNRESET";
  return Object.assign(new Error("the connection could not be made in time"), { code });
}

/** CONNECT, RFC 9110 §9.3.6: the proxy passes bytes on and sees only encrypted ones. */
async function openTunnel(options: DialOptions, signal: AbortSignal): Promise<Duplex> {
  const { server, proxy, proxyCa, settings } = options;
  if (proxy === null) throw new TypeError("no proxy");
  const timeout = settings.timeout.connect_ms;
  const ca = proxyCa === undefined ? {} : { ca: proxyCa };
  const client = new Client(proxy.origin, {
    connect: buildConnector({ allowH2: false, timeout, ...ca }),
    headersTimeout: timeout,
  });
  try {
    const { statusCode, socket } = await client.connect({
      path: `${server.hostname}:${server.port || 443}`,
      headers: { host: `${server.hostname}:${server.port || 443}`, ...proxyAuthorization(proxy) },
      signal,
    });
    if (statusCode === 200) return socket;
    socket.destroy();
    throw proxyRefused(`the proxy answered ${statusCode}`);
  } catch (error) {
    throw isRefusal(error) ? error : proxyRefused("the proxy cannot be reached", error);
  } finally {
    // It has handed its socket over and holds nothing else.
    void client.destroy();
  }
}

const PROXY = "PROXY";

/** The code keeps a proxy's certificate from being taken for the server's. */
function proxyRefused(message: string, cause?: unknown): Error {
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return Object.assign(new Error(why, { cause }), { code: PROXY });
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === PROXY;
}
