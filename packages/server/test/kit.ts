import { randomBytes, randomUUID } from "node:crypto";
import { chainText, sequencesOf, toDigest, type BatchGap, type BatchManifest } from "@sigil/core";
import { loadHasher } from "@sigil/ports/hash";
import type { AdmittedBatch, AdmittedEvent } from "../src/store/model.ts";
import type { StoreOptions } from "../src/store/sqlite.ts";

export const hash = loadHasher("wasm");

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A random ULID; its time is of no interest here. */
export function ulid(): string {
  const letters = [...randomBytes(25)].map((byte) => ALPHABET[byte % 32]);
  return `0${letters.join("")}`;
}

/** A random UUIDv7. */
export function uuid(): string {
  const text = randomUUID();
  return `${text.slice(0, 14)}7${text.slice(15)}`;
}

export type EventParts = Readonly<Record<string, unknown>>;

/** An event as an agent writes it, with what a test wants otherwise. */
export function eventOf(parts: EventParts = {}): Readonly<Record<string, unknown>> {
  return {
    schema_version: 1,
    event_id: uuid(),
    ts: "2026-05-10T07:14:32.512Z",
    host_id: "host-a",
    agent_version: "0.1.0",
    severity: "info",
    source: { kind: "file_system" },
    subject: { kind: "path", value: "/home/alice/.cursor/mcp.json" },
    evidence: { kind: "file_change", change_kind: "modified" },
    target_id: null,
    ...parts,
  };
}

export type BatchParts = {
  readonly host?: string;
  readonly stream?: "agent" | "sender";
  readonly spool: string;
  readonly first: number;
  readonly last?: number;
  readonly previous?: string | null;
  readonly gaps?: readonly BatchGap[];
};

export type Sealed = {
  readonly manifest: BatchManifest;
  readonly lines: Buffer;
  readonly chain: string;
};

/** A batch as a sender makes it. @param lines without their newlines */
export function seal(parts: BatchParts, lines: readonly (string | Buffer)[]): Sealed {
  const newline = Buffer.from("\n");
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line as string), newline]));
  const gaps = [...(parts.gaps ?? [])];
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const manifest: BatchManifest = {
    wire_version: 1,
    batch_id: ulid(),
    host_id: parts.host ?? "host-a",
    stream: parts.stream ?? "agent",
    spool_id: parts.spool,
    first_sequence: parts.first,
    last_sequence: parts.last ?? parts.first + lines.length + missing - 1,
    count: lines.length,
    bytes: bytes.length,
    digest: toDigest(hash.digest(bytes)),
    previous: parts.previous ?? null,
    gaps,
  };
  const chain = toDigest(hash.digest(Buffer.from(chainText(manifest))));
  return { manifest, lines: bytes, chain };
}

/** A batch whose lines were checked. */
export function admitted(
  parts: BatchParts & { readonly at?: number; readonly group?: string },
  events: readonly EventParts[],
): AdmittedBatch {
  const whole = events.map((event) => eventOf({ host_id: parts.host ?? "host-a", ...event }));
  const lines = whole.map((event) => JSON.stringify(event));
  const { manifest, chain } = seal(parts, lines);
  const sequences = [...sequencesOf(manifest)];
  return {
    manifest,
    chain,
    events: whole.map((event, index) => admittedEvent(event, sequences[index] ?? 0, lines[index])),
    rejected: [],
    receivedAt: parts.at ?? 1_700_000_000_000,
    serial: "ab",
    group: parts.group ?? "default",
  };
}

function admittedEvent(event: EventParts, sequence: number, line = ""): AdmittedEvent {
  return {
    sequence,
    eventId: String(event["event_id"]),
    ts: String(event["ts"]),
    severity: event["severity"] as AdmittedEvent["severity"],
    kind: (event["evidence"] as { kind: string }).kind,
    dedupKey: typeof event["dedup_key"] === "string" ? event["dedup_key"] : null,
    line: Buffer.from(line),
  };
}

/** A store's options, small enough for a test to reach its limits. */
export function storeOptions(file: string, more: Partial<StoreOptions> = {}): StoreOptions {
  return {
    file,
    cacheBytes: 4 * 1024 * 1024,
    checkMaxBytes: 1024 ** 3,
    scanMax: 1000,
    silentS: 900,
    duplicateWindowS: 3600,
    maxGaps: 100,
    prunePiece: 1000,
    now: () => 1_700_000_000_000,
    ...more,
  };
}
