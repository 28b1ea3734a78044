import { randomInt } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { Client } from "undici";
import { ackSchema, BATCH_TYPE, helloSchema, WIRE_VERSION, type BatchManifest } from "@sigil/core";
import { toDigest } from "@sigil/core/plain";
import { loadHasher } from "@sigil/ports/hash";
import type { IssuedPair } from "@sigil/testkit";
import { lineOf } from "./pipeline-events.ts";

const ULID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PATIENCE_MS = 120_000;

/** One host of a simulated fleet, with what it has to send. */
export interface SimulatedHost {
  readonly id: string;
  readonly pair: IssuedPair;
  readonly spoolId: string;
  readonly events: number;
  readonly body: Uint8Array;
}

/** Milliseconds since all were let go: until it had its hello, and until its batch was acknowledged. */
export interface Visit {
  readonly hello: number;
  readonly acknowledged: number;
}

const hasher = loadHasher();

export function makeHost(id: string, pair: IssuedPair, events: number): SimulatedHost {
  const lines = Array.from({ length: events }, (_, at) => `${lineOf(id, at).toString()}\n`);
  const text = Buffer.from(lines.join(""));
  const spoolId = newUlid();
  const manifest: BatchManifest = {
    wire_version: WIRE_VERSION,
    batch_id: newUlid(),
    host_id: id,
    stream: "agent",
    spool_id: spoolId,
    first_sequence: 1,
    last_sequence: events,
    count: events,
    bytes: text.length,
    digest: toDigest(hasher.digest(text)),
    previous: null,
    gaps: [],
  };
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(manifest)}\n`), text]);
  return { id, pair, spoolId, events, body: zstdCompressSync(whole) };
}

/** What a sender does when it comes back: connects with its own certificate, says hello, sends one batch. */
export async function visit(
  host: SimulatedHost,
  { ingest, ca, start }: { ingest: string; ca: string; start: number },
): Promise<Visit> {
  const { certPem: cert, keyPem: key } = host.pair;
  const client = new Client(ingest, {
    allowH2: false,
    connect: { ca, cert, key, timeout: PATIENCE_MS },
    headersTimeout: PATIENCE_MS,
  });
  try {
    const greeted = await client.request({
      method: "GET",
      path: `/v1/hello?spool_id=${host.spoolId}`,
    });
    const hello = helloSchema.parse(await greeted.body.json());
    if (hello.host_id !== host.id) throw new Error(`${host.id} was taken for ${hello.host_id}`);
    const helloMs = performance.now() - start;
    const posted = await client.request({
      method: "POST",
      path: "/v1/events",
      headers: { "content-type": BATCH_TYPE, "content-encoding": "zstd" },
      body: host.body,
    });
    const ack = ackSchema.parse(await posted.body.json());
    if (ack.accepted !== host.events) throw new Error(`${host.id}: ${JSON.stringify(ack)}`);
    return { hello: helloMs, acknowledged: performance.now() - start };
  } finally {
    await client.close();
  }
}

function newUlid(): string {
  const letters = Array.from({ length: 25 }, () => ULID_LETTERS[randomInt(32)]);
  return `0${letters.join("")}`;
}
