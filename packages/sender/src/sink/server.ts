import { readFileSync, statSync } from "node:fs";
import { helloSchema, type Hello } from "@sigil/core";
import { messageOf } from "@sigil/core/plain";
import { serverOf, type SenderConfig } from "../config.ts";
import { fail } from "../errors.ts";
import type {
  Credentials,
  Fault,
  Greeting,
  GreetReply,
  Identity,
  Reply,
  Sink,
  SinkRequest,
} from "../ports.ts";
import { faultOf } from "../tls.ts";
import { openConnection, type Connection } from "./connection.ts";
import { createDialer, type Dialer } from "./dial.ts";
import { proxyFor, type ProxyEnv } from "./proxy.ts";

export type ServerSinkOptions = {
  readonly config: Pick<SenderConfig, "server" | "file" | "settings">;
  readonly identity: Identity;
  readonly env: ProxyEnv;
};

/** A server that closes this many connections in a row at the first words does not want this certificate. */
const SHUT_OUT = 2;
const MAX_CA_BYTES = 4 * 1024 * 1024;
/** Largest hello that is read. Bytes. */
const MAX_HELLO_BYTES = 1024 * 1024;

/**
 * The receiver over mTLS. A changed identity retires the connection: what is under way ends on it, what comes after
 * goes over a new one.
 * @throws SIGIL_SENDER_SERVER_MISSING, SIGIL_SENDER_PROXY_INVALID
 */
export function createServerSink(options: ServerSinkOptions): Sink {
  return new ServerSink(options);
}

class ServerSink implements Sink {
  readonly server: string;
  readonly #url: URL;
  readonly #options: ServerSinkOptions;
  readonly #proxy: URL | null;
  readonly #proxyCa: string | undefined;
  readonly #spools = new Set<string>();
  readonly #forget: () => void;
  #dialer: Dialer | null = null;
  #connection: Connection | null = null;
  #greeting: Greeting | null = null;
  #generation = 0;
  #shut = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ServerSinkOptions) {
    const { config, identity, env } = options;
    this.#options = options;
    this.#url = serverOf(config);
    this.server = `${this.#url.hostname}:${this.#url.port || 443}`;
    this.#proxy = proxyFor(config.settings.server.proxy, this.#url, env);
    this.#proxyCa = readProxyCa(config.settings.server.proxy_ca_file);
    this.#forget = identity.onChange(() => void this.#retire());
  }

  async greet(spoolId: string | null, signal: AbortSignal, isFresh = false): Promise<GreetReply> {
    if (spoolId !== null) this.#spools.add(spoolId);
    // One after the other: two streams must not open two connections.
    const turn = this.#turn.then(async () => await this.#greet(spoolId, signal, isFresh));
    this.#turn = turn;
    return await turn;
  }

  async send(greeting: Greeting, request: SinkRequest, signal: AbortSignal): Promise<Reply> {
    const connection = this.#connection;
    if (connection?.generation !== greeting.generation || connection.isSpent()) {
      return { kind: "fault", fault: { kind: "spent" } };
    }
    return await connection.request(request, signal);
  }

  async close(): Promise<void> {
    this.#forget();
    await this.#turn;
    await this.#retire();
  }

  async #retire(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#greeting = null;
    this.#dialer = null;
    this.#shut = 0;
    await connection?.close();
  }

  async #greet(spoolId: string | null, signal: AbortSignal, isFresh: boolean): Promise<GreetReply> {
    if (signal.aborted) return fault({ kind: "aborted" });
    const credentials = this.#options.identity.current();
    if (credentials.problem !== null) {
      await this.#retire();
      return fault({ kind: "tls", ...credentials.problem });
    }
    const connection = await this.#connect(credentials, signal);
    if ("kind" in connection) return fault(connection);
    const greeting = this.#greeting;
    const isKnown = !isFresh && greeting?.generation === connection.generation;
    if (isKnown && (spoolId === null || greeting.asked.has(spoolId))) return greeting;
    return await this.#hello(connection, credentials, signal);
  }

  async #connect(credentials: Credentials, signal: AbortSignal): Promise<Connection | Fault> {
    if (this.#connection?.isSpent() === false) return this.#connection;
    const { settings } = this.#options.config;
    try {
      const server = this.#url;
      this.#dialer ??= createDialer(
        { server, proxy: this.#proxy, proxyCa: this.#proxyCa, settings },
        credentials,
      );
      const dialer = this.#dialer;
      const socket = await dialer.dial(signal);
      // The identity changed meanwhile: this connection speaks for the old one.
      if (this.#dialer !== dialer) {
        socket.destroy();
        return { kind: "spent" };
      }
      this.#generation += 1;
      const generation = this.#generation;
      this.#connection = openConnection({ server, socket, generation, timeout: settings.timeout });
      return this.#connection;
    } catch (error) {
      return signal.aborted ? { kind: "aborted" } : faultOf(error);
    }
  }

  async #hello(
    connection: Connection,
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<GreetReply> {
    const asked = new Set(this.#spools);
    const query = [...asked].map((id) => `spool_id=${encodeURIComponent(id)}`).join("&");
    const path = `/v1/hello${query === "" ? "" : `?${query}`}`;
    const reply = await connection.request(
      { method: "GET", path, maxBytes: MAX_HELLO_BYTES },
      signal,
    );
    if (reply.kind === "fault") return fault(this.#shutOut(reply.fault));
    this.#shut = 0;
    if (reply.status !== 200) return reply;
    const hello = parseHello(reply.body);
    if (hello === null) {
      await connection.close();
      const detail = "the answer to GET /v1/hello is not one";
      return fault({ kind: "network", reason: "hello-malformed", detail });
    }
    if (hello.host_id !== credentials.hostId) {
      const detail = `the server takes this host for ${JSON.stringify(hello.host_id.slice(0, 128))}`;
      return fault({ kind: "tls", cause: "own_certificate_other_host", detail });
    }
    // Retired meanwhile: nothing more may be sent on it.
    if (this.#connection !== connection) return fault({ kind: "spent" });
    const { generation } = connection;
    this.#greeting = { kind: "greeted", generation, asked, hello };
    return this.#greeting;
  }

  /**
   * Under TLS 1.3 the handshake is over for the client before the server has looked at its certificate, and some
   * servers then only hang up. Once may be chance; twice in a row is taken for an answer.
   */
  #shutOut(found: Fault): Fault {
    const isReset = found.kind === "network" && found.reason === "connection-reset";
    this.#shut = isReset ? this.#shut + 1 : 0;
    if (!isReset || this.#shut < SHUT_OUT) return found;
    const detail = `the server ended ${this.#shut} connections in a row right after the handshake`;
    return { kind: "tls", cause: "own_certificate_rejected", detail };
  }
}

function fault(found: Fault): Reply {
  return { kind: "fault", fault: found };
}

function parseHello(body: Uint8Array): Hello | null {
  try {
    const parsed = helloSchema.safeParse(JSON.parse(Buffer.from(body).toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function readProxyCa(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    if (statSync(file).size > MAX_CA_BYTES) throw new RangeError(`over ${MAX_CA_BYTES} bytes`);
    return readFileSync(file, "utf8");
  } catch (error) {
    const message = `cannot read ${file}: ${messageOf(error)}`;
    throw fail("SIGIL_SENDER_PROXY_INVALID", message, { hint: "check server.proxy_ca_file" });
  }
}
