import { randomBytes, randomUUIDv7 } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  BATCH_TYPE,
  chainText,
  encodeEvent,
  makeEvent,
  type Ack,
  type BatchManifest,
} from "@sigil/core";
import { Client } from "undici";
import { onTestFinished } from "vitest";
import { b3 } from "../digest.ts";
import type { FleetHost } from "./host.ts";

/** A batch made by hand, apart from the sender's code. */
export type Crafted = {
  readonly manifest: BatchManifest;
  readonly body: Buffer;
  /** What the next batch names as its `previous`. */
  readonly chain: string;
};

const SPOOL_ID = "01K0CRAFTEDBYHANDAAAAAAAAA";

/** One event's line, without its newline. */
export function lineOf(hostId: string, pid = 1): string {
  return encodeEvent(
    makeEvent(
      { hostId, agentVersion: "0.1.0" },
      {
        eventId: randomUUIDv7(),
        ts: new Date().toISOString(),
        severity: "info",
        source: "process",
        subject: { kind: "process", pid, name: randomBytes(8).toString("hex") },
        evidence: { kind: "agent_dying", reason: "crafted", part: "test", exit_code: 0 },
        targetId: null,
      },
    ),
  );
}

export function linesOf(hostId: string, count: number): string[] {
  return Array.from({ length: count }, () => lineOf(hostId));
}

/** @param over fields of the manifest that are to be something else than they should */
export function craft(
  lines: readonly string[],
  place: { readonly host: string; readonly first: number; readonly previous?: string | null },
  over: Partial<BatchManifest> = {},
): Crafted {
  const text = lines.map((line) => `${line}\n`).join("");
  const manifest: BatchManifest = {
    wire_version: 1,
    batch_id: newUlid(),
    host_id: place.host,
    stream: "agent",
    spool_id: SPOOL_ID,
    first_sequence: place.first,
    last_sequence: place.first + lines.length - 1,
    count: lines.length,
    bytes: Buffer.byteLength(text),
    digest: b3(text),
    previous: place.previous ?? null,
    gaps: [],
    ...over,
  };
  const body = Buffer.from(`${JSON.stringify(manifest)}\n${text}`);
  return { manifest, body, chain: b3(chainText(manifest)) };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function newUlid(): string {
  return `0${[...randomBytes(25)].map((byte) => CROCKFORD[byte % 32]).join("")}`;
}

export type Answer = {
  readonly status: number;
  readonly type: string;
  /** Its JSON: an acknowledgement or a problem. */
  readonly body: Partial<Ack> & { readonly type?: string };
};

/** Speaks to the ingest with a host's certificate, on one connection. */
export function speakAs(host: FleetHost) {
  const client = new Client(`https://127.0.0.1:${host.fleet.ingest}`, {
    connect: {
      ca: host.fleet.caPem,
      cert: readFileSync(host.tls.certificate, "utf8"),
      key: readFileSync(host.tls.key, "utf8"),
    },
  });
  onTestFinished(() => client.destroy());
  return {
    client,
    async post(body: Uint8Array): Promise<Answer> {
      const answer = await client.request({
        method: "POST",
        path: "/v1/events",
        headers: { "content-type": BATCH_TYPE },
        body,
      });
      const type = String(answer.headers["content-type"] ?? "");
      return {
        status: answer.statusCode,
        type,
        body: (await answer.body.json()) as Answer["body"],
      };
    },
  };
}
