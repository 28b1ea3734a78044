import { createServer, type ServerOptions } from "node:https";
import { PROBLEM_TYPE } from "@sigil/core";
import { errnoOf, messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions,
} from "fastify";
import { problem } from "./problem.ts";
import type { ServerSettings } from "./settings.ts";

/** What one listener speaks TLS with. PEM. */
export type ListenerTls = {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Set: a certificate of this CA is required of every client. */
  readonly clientCa?: string;
};

export type ListenerOptions = {
  readonly tls: ListenerTls;
  readonly limits: ServerSettings["limits"];
  /** Of a request's body, unless its route says otherwise. Bytes. */
  readonly maxBodyBytes: number;
  readonly isDraining: () => boolean;
  readonly log: Log;
};

/** Longest percent-encoded host id in a path. */
const MAX_PARAMETER = 2048;

/** A web server that speaks TLS and nothing else, its limits set, every error answer a problem (RFC 9457). */
export function createListener(options: ListenerOptions): FastifyInstance {
  const { tls, limits, log } = options;
  const app = Fastify({
    serverFactory: (handler) => {
      const server = createServer({ ...secureOptions(tls), ...httpOptions(limits) }, handler);
      server.maxConnections = limits.max_connections;
      return server;
    },
    bodyLimit: options.maxBodyBytes,
    exposeHeadRoutes: false,
    // While it drains, a request is still told so in our own words.
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAMETER },
    clientErrorHandler: onClientError,
    frameworkErrors: (_error, _request, reply) => void problem(reply, "request-invalid"),
  });
  // Of a request that was under way when draining began, too: its connection would stay open for the next.
  app.addHook("onSend", async (_request, reply) => {
    if (options.isDraining()) void reply.header("connection", "close");
  });
  app.setNotFoundHandler((_request, reply) => problem(reply, "not-found"));
  app.setErrorHandler((error: FastifyError, _request, reply) => onError(error, reply, log));
  return app;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
};

/** Longest wait for a client to take its answer before the connection ends. Milliseconds. */
const LAST_WORD_MS = 1000;

/** What never became a request. Below HTTP nothing can be said: a handshake that failed ends there. */
const onClientError: NonNullable<FastifyServerOptions["clientErrorHandler"]> = (
  { code },
  socket,
) => {
  const isHttp = code.startsWith("HPE_") || code.startsWith("ERR_HTTP_");
  if (!isHttp || !socket.writable) return void socket.destroy();
  const [status, title] = CLIENT_ERRORS[code] ?? [400, "Bad Request"];
  const body = JSON.stringify({ type: "about:blank", title, status });
  const head = `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_TYPE}\r\n`;
  socket.setTimeout(LAST_WORD_MS, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.write(`${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
  socket.destroySoon();
};

/** Also what `setSecureContext` takes, which forgets what it is not told again. */
export function secureOptions(tls: ListenerTls): ServerOptions {
  const { cert, key, minVersion, clientCa } = tls;
  const required = { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return {
    cert,
    key,
    minVersion,
    ALPNProtocols: ["http/1.1"],
    ...(clientCa === undefined ? {} : required),
  };
}

function httpOptions(limits: ServerSettings["limits"]): ServerOptions {
  return {
    maxHeaderSize: limits.max_header_bytes,
    headersTimeout: limits.headers_timeout_ms,
    requestTimeout: limits.request_timeout_ms,
    keepAliveTimeout: limits.keep_alive_ms,
    handshakeTimeout: limits.handshake_timeout_ms,
    // Slow senders are looked for this often.
    connectionsCheckingInterval: Math.min(1000, limits.headers_timeout_ms),
  };
}

const UNUSABLE = new Set(["SIGIL_SERVER_STORE", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY"]);

function onError(error: FastifyError, reply: FastifyReply, log: Log): FastifyReply {
  const code = errnoOf(error) ?? "";
  if (UNUSABLE.has(code)) {
    log.error({ code }, messageOf(error));
    return problem(reply, "store-unavailable");
  }
  if (code === "SIGIL_SERVER_CURSOR") return problem(reply, "query-invalid", messageOf(error));
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return problem(reply, "request-invalid", messageOf(error));
  log.error({ code, stack: error.stack }, "a request failed");
  return problem(reply, "internal");
}
