import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { buffer } from "node:stream/consumers";
import { Client } from "undici";

export type Forwarded = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** Answers one upload in place of the server. `forward` lets the real server have it first. */
export type Stunt = (response: ServerResponse, forward: () => Promise<Forwarded>) => Promise<void>;

export type FrontOptions = {
  /** Of the front itself. */
  readonly certPem: string;
  readonly keyPem: string;
  /** The real server, and the host's certificate to speak to it in its name. */
  readonly upstream: {
    readonly port: number;
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
  };
};

/** An HTTPS server between a sender and the real one, that answers uploads as its list says and then honestly. */
export class Front {
  readonly #server: Server;
  readonly #upstream: Client;
  /** One for each upload, in order. */
  stunts: Stunt[] = [];
  uploads = 0;

  constructor({ certPem, keyPem, upstream }: FrontOptions) {
    const { port, ca, cert, key } = upstream;
    this.#upstream = new Client(`https://127.0.0.1:${port}`, { connect: { ca, cert, key } });
    this.#server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#upstream.destroy();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const forward = () => this.#forward(request, body);
    if (request.method === "POST") {
      this.uploads += 1;
      const stunt = this.stunts.shift();
      if (stunt !== undefined) return stunt(response, forward);
    }
    const { status: code, headers, body: answer } = await forward();
    response.writeHead(code, headers).end(answer);
  }

  async #forward(request: IncomingMessage, body: Buffer): Promise<Forwarded> {
    const sent = Object.entries(request.headers).filter(([name]) => PASSED_ON.has(name));
    const answer = await this.#upstream.request({
      method: request.method === "POST" ? "POST" : "GET",
      path: request.url ?? "/",
      headers: Object.fromEntries(sent),
      ...(body.length > 0 ? { body } : {}),
    });
    const got = Object.entries(answer.headers).filter(([name]) => !PER_CONNECTION.has(name));
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(got.map(([name, value]) => [name, String(value)])),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  }
}

const PASSED_ON = new Set(["content-type", "content-encoding", "if-none-match", "accept"]);
const PER_CONNECTION = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** A status that no server of ours would explain. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Stunt {
  return async (response) => {
    response.writeHead(code, { "content-type": "text/plain", ...headers }).end("no\n");
  };
}

/** 200, but no acknowledgement. */
export function ok(body: string, type = "application/json"): Stunt {
  return async (response) => {
    response.writeHead(200, { "content-type": type }).end(body);
  };
}

/** The real server stores it; half of its answer comes back, then the connection is gone. */
export const truncated: Stunt = async (response, forward) => {
  const { status: code, headers, body } = await forward();
  response.writeHead(code, { ...headers, "content-length": String(body.length) });
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
};

/** The real server stores it; its answer comes back in another's name. */
export const mislabeled: Stunt = async (response, forward) => {
  const { body } = await forward();
  response.writeHead(200, { "content-type": "text/html" }).end(body);
};

/** The real server stores it; the answer is of some other batch. */
export const otherBatch: Stunt = async (response, forward) => {
  const { status: code, headers, body } = await forward();
  const ack = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
  const other = JSON.stringify({ ...ack, batch_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
  response.writeHead(code, { "content-type": headers["content-type"] ?? "" }).end(other);
};
