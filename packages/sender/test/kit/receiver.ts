import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { batchManifestSchema, chainText, sequencesOf, type BatchManifest } from "@sigil/core";
import { toDigest } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import type { Authority, IssuedPair } from "@sigil/testkit";

/** One batch as it arrived. */
export type Arrived = {
  readonly manifest: BatchManifest;
  readonly lines: readonly string[];
  readonly encoding: string;
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  readonly res: ServerResponse;
  readonly req: IncomingMessage;
};

/** Answers one batch; `next` is what an honest receiver would do. */
export type Handler = (arrived: Arrived, next: () => void) => void;
export type Asked = { readonly method: string; readonly url: string; readonly connection: number };

/** A receiver that can be told to misbehave. */
export type Receiver = {
  readonly url: string;
  /** In order: each batch that arrived, each request. */
  readonly batches: Arrived[];
  readonly asked: Asked[];
  /** What an honest receiver has by now: lines by spool and sequence. */
  readonly stored: Map<string, Map<number, string>>;
  readonly heads: Map<string, { last_sequence: number; chain: string | null }>;
  /** Taken one by one, for the next batches; then `always`, then honest. */
  readonly script: Handler[];
  always: Handler | null;
  hello: { status: number; body: unknown; type?: string; headers?: Record<string, string> } | null;
  limits: Record<string, number>;
  encodings: string[];
  /** Whom it takes the peer for; default: what its certificate says. */
  hostId: string | null;
  /** What it says the time is. */
  timeMs: () => number;
  /** What `GET /v1/policy` gives; null: 404. */
  policy: { readonly etag: string; readonly bytes: string } | null;
  onHello: ((req: IncomingMessage, res: ServerResponse) => boolean) | null;
  connections(): number;
  close(): Promise<void>;
};

const hash = loadHasher();

export type ReceiverOptions = {
  readonly authority: Authority;
  readonly pair?: IssuedPair;
  /** False: looks at no client certificate while shaking hands. */
  readonly strict?: boolean;
};

export async function createReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { authority } = options;
  const pair = options.pair ?? (await authority.issueServer());
  const server = createServer({
    cert: pair.certPem,
    key: pair.keyPem,
    ca: authority.caPem,
    requestCert: true,
    rejectUnauthorized: options.strict ?? true,
  });
  server.on("tlsClientError", () => {});
  const numbers = numberConnections(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `https://127.0.0.1:${port}`,
    batches: [],
    asked: [],
    stored: new Map(),
    heads: new Map(),
    script: [],
    always: null,
    hello: null,
    limits: {},
    encodings: ["zstd", "gzip", "identity"],
    hostId: null,
    timeMs: () => Date.now(),
    policy: null,
    onHello: null,
    connections: () => numbers.count(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on("request", (req, res) => {
    const connection = numbers.of(req.socket);
    receiver.asked.push({ method: req.method ?? "", url: req.url ?? "", connection });
    if (req.url?.startsWith("/v1/hello")) return answerHello(receiver, req, res);
    if (req.url?.startsWith("/v1/policy")) return answerPolicy(receiver, req, res);
    void answerBatch(receiver, req, res, connection).catch(() => res.destroy());
  });
  return receiver;
}

async function answerBatch(
  receiver: Receiver,
  req: IncomingMessage,
  res: ServerResponse,
  connection: number,
): Promise<void> {
  const arrived = { ...(await readBatch(req)), connection, req, res };
  receiver.batches.push(arrived);
  const honest: Handler = (_arrived, next) => next();
  const handler = receiver.script.shift() ?? receiver.always ?? honest;
  handler(arrived, () => accept(receiver, arrived));
}

function numberConnections(server: Server) {
  const known = new WeakMap<Socket, number>();
  let count = 0;
  server.on("secureConnection", (socket) => {
    count += 1;
    known.set(socket, count);
  });
  return { of: (socket: Socket) => known.get(socket) ?? 0, count: () => count };
}

async function readBatch(req: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const encoding = req.headers["content-encoding"] ?? "identity";
  const plain =
    encoding === "zstd" ? zstdDecompressSync(body) : encoding === "gzip" ? gunzipSync(body) : body;
  const end = plain.indexOf(0x0a);
  const manifest = batchManifestSchema.parse(JSON.parse(plain.subarray(0, end).toString()));
  const rest = plain.subarray(end + 1);
  if (toDigest(hash.digest(rest)) !== manifest.digest) throw new Error("digest");
  const lines = rest.length === 0 ? [] : rest.toString().replace(/\n$/, "").split("\n");
  if (lines.length !== manifest.count) throw new Error("count");
  return { manifest, lines, encoding };
}

/** What an honest receiver does: store, then acknowledge. */
export function accept(
  receiver: Receiver,
  { manifest, lines, res }: Arrived,
  rejected: readonly { sequence: number; reason: string }[] = [],
): void {
  const spool = receiver.stored.get(manifest.spool_id) ?? new Map<number, string>();
  receiver.stored.set(manifest.spool_id, spool);
  const refused = new Set(rejected.map(({ sequence }) => sequence));
  let at = 0;
  let duplicate = 0;
  for (const sequence of sequencesOf(manifest)) {
    const line = lines[at] ?? "";
    at += 1;
    if (refused.has(sequence)) continue;
    if (spool.has(sequence)) duplicate += 1;
    spool.set(sequence, line);
  }
  const chain = toDigest(hash.digest(Buffer.from(chainText(manifest), "latin1")));
  const last = receiver.heads.get(manifest.spool_id)?.last_sequence ?? 0;
  if (manifest.last_sequence >= last) {
    receiver.heads.set(manifest.spool_id, { last_sequence: manifest.last_sequence, chain });
  }
  json(res, 200, {
    wire_version: 1,
    batch_id: manifest.batch_id,
    digest: manifest.digest,
    accepted: manifest.count - duplicate - rejected.length,
    duplicate,
    rejected: rejected.map((one) => ({ event_id: null, ...one })),
    high_water: Math.max(last, manifest.last_sequence),
  });
}

function answerHello(receiver: Receiver, req: IncomingMessage, res: ServerResponse): void {
  if (receiver.onHello?.(req, res)) return;
  if (receiver.hello !== null) {
    const { status, body, type, headers } = receiver.hello;
    return json(res, status, body, type, headers);
  }
  const url = new URL(req.url ?? "", "https://x");
  json(res, 200, {
    wire_version: 1,
    server: "test 1",
    host_id: receiver.hostId ?? hostOf(req),
    group: "default",
    time: new Date(receiver.timeMs()).toISOString(),
    limits: {
      max_body_bytes: 16 * 1024 * 1024,
      max_batch_bytes: 64 * 1024 * 1024,
      max_events: 20_000,
      max_event_bytes: 256 * 1024,
      ...receiver.limits,
    },
    encodings: receiver.encodings,
    spools: url.searchParams.getAll("spool_id").flatMap((spool_id) => {
      const head = receiver.heads.get(spool_id);
      return head === undefined ? [] : [{ spool_id, ...head }];
    }),
  });
}

function answerPolicy({ policy }: Receiver, req: IncomingMessage, res: ServerResponse): void {
  if (policy === null) return problem(res, 404, "not-found");
  const isKnown = req.headers["if-none-match"] === policy.etag;
  res.writeHead(isKnown ? 304 : 200, { etag: policy.etag, "cache-control": "no-cache" });
  res.end(isKnown ? undefined : policy.bytes);
}

function hostOf(req: IncomingMessage): string {
  const socket = req.socket as unknown as { getPeerCertificate(): { subjectaltname?: string } };
  const names = socket.getPeerCertificate().subjectaltname ?? "";
  return decodeURIComponent(/sigil:host:([^,"]+)/.exec(names)?.[1] ?? "");
}

export function json(
  res: ServerResponse,
  status: number,
  body: unknown,
  type = "application/json; charset=utf-8",
  headers: Record<string, string> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  res.writeHead(status, { "content-type": type, ...headers });
  res.end(text);
}

/** One of the receiver's own errors. */
export function problem(
  res: ServerResponse,
  status: number,
  name: string,
  headers: Record<string, string> = {},
): void {
  const body = { type: `urn:sigil:problem:${name}`, title: name, status, detail: `told ${name}` };
  json(res, status, body, "application/problem+json", headers);
}
