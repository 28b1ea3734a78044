import type { TLSSocket } from "node:tls";
import { Client } from "undici";
import type { Answer, Fault, Reply, SinkRequest } from "../ports.ts";
import type { SenderSettings } from "../settings.ts";
import { faultOf } from "../tls.ts";

/** One connection, once: when it ends it is not opened again, so that nothing is sent on one nobody greeted. */
export interface Connection {
  readonly generation: number;
  /** True once it has ended. */
  readonly isSpent: () => boolean;
  request(request: SinkRequest, signal: AbortSignal): Promise<Reply>;
  /** Ends it when what is under way is done. */
  close(): Promise<void>;
}

const SPENT = "SPENT";

export type ConnectionOptions = {
  readonly server: URL;
  readonly socket: TLSSocket;
  readonly generation: number;
  readonly timeout: SenderSettings["timeout"];
};

export function openConnection(options: ConnectionOptions): Connection {
  const { server, socket, generation, timeout } = options;
  let spent = false;
  let used = false;
  const client = new Client(server.origin, {
    connect: (_options, callback) => {
      const again = used;
      used = true;
      // Not at once: the client is not ready for an answer before its own call has returned.
      queueMicrotask(() => (again ? callback(spentError(), null) : callback(null, socket)));
    },
    headersTimeout: timeout.headers_ms,
    bodyTimeout: timeout.body_ms,
    keepAliveTimeout: timeout.idle_ms,
    pipelining: 1,
    allowH2: false,
  });
  client.on("disconnect", () => (spent = true));
  socket.once("close", () => (spent = true));
  const base = server.pathname.replace(/\/$/, "");
  return {
    generation,
    isSpent: () => spent || client.destroyed,
    async request(request, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout.request_ms)]);
      const maxBytes = request.maxBytes ?? timeout.ack_max_bytes;
      const bounds = { signal: deadline, maxBytes };
      const reply = await exchange(client, base, request, bounds).catch((error: unknown) =>
        faulted(requestFault(error, signal)),
      );
      // What may still come on it belongs to a request that is over.
      if (reply.kind === "fault") {
        spent = true;
        void client.destroy();
      }
      return reply;
    },
    close: async () => {
      spent = true;
      await client.close().catch(() => client.destroy());
    },
  };
}

type Bounds = { readonly signal: AbortSignal; readonly maxBytes: number };

async function exchange(
  client: Client,
  base: string,
  request: SinkRequest,
  { signal, maxBytes }: Bounds,
): Promise<Reply> {
  const { statusCode, headers, body } = await client.request({
    method: request.method,
    path: base + request.path,
    headers: { ...request.headers },
    body: request.body ?? null,
    signal,
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return {
    kind: "answer",
    status: statusCode,
    headers: plainHeaders(headers),
    body: Buffer.concat(chunks),
  };
}

function tooLarge(maxBytes: number): Reply {
  const detail = `the answer is longer than ${maxBytes} bytes`;
  return faulted({ kind: "network", reason: "answer-too-large", detail });
}

function faulted(fault: Fault): Reply {
  return { kind: "fault", fault };
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Answer["headers"] {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) plain[name.toLowerCase()] = first;
  }
  return plain;
}

function requestFault(error: unknown, signal: AbortSignal): Fault {
  if (signal.aborted) return { kind: "aborted" };
  if (isNamed(error, "code", SPENT)) return { kind: "spent" };
  if (isNamed(error, "name", "TimeoutError")) {
    return { kind: "network", reason: "answer-timeout", detail: "the request took too long" };
  }
  return faultOf(error);
}

function isNamed(error: unknown, key: "code" | "name", value: string): boolean {
  return error instanceof Error && (error as unknown as Record<string, unknown>)[key] === value;
}

function spentError(): Error {
  return Object.assign(new Error("the connection has ended"), { code: SPENT });
}
