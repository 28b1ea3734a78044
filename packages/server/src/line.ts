import { SCHEMA_VERSION, type Severity } from "@sigil/core/plain";
import type { RejectionReason } from "@sigil/core";
import type { AdmittedEvent } from "./store/model.ts";

export type LineLimits = { readonly maxEventBytes: number; readonly maxJsonDepth: number };

/** What a line of a batch is: an event, or why it is none and which it may be. */
export type CheckedLine =
  | { readonly kind: "event"; readonly event: Omit<AdmittedEvent, "sequence" | "line"> }
  | {
      readonly kind: "rejected";
      readonly reason: RejectionReason;
      readonly eventId: string | null;
      readonly detail: string;
    };

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const TS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DEDUP_KEY = /^[0-9a-f]{32}$/;
const SEVERITIES: readonly unknown[] = ["info", "warn", "high", "critical"] satisfies Severity[];
/** Longest `evidence.kind`: kinds are indexed. */
const MAX_KIND = 64;

/**
 * Checks by hand what the server relies on; everything else in the line is the host's word and kept as it is. Twenty
 * thousand of these a second leave no time for a schema.
 * @param line without its newline, valid UTF-8
 */
export function checkLine(line: Buffer, hostId: string, limits: LineLimits): CheckedLine {
  if (line.length > limits.maxEventBytes)
    return reject("too_large", null, `it has ${line.length} bytes, over ${limits.maxEventBytes}`);
  if (isDeeper(line, limits.maxJsonDepth))
    return reject("not_an_event", null, `it is nested deeper than ${limits.maxJsonDepth}`);
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch {
    return reject("not_json", null, "it is not JSON");
  }
  return isRecord(value) ? checkEvent(value, hostId) : reject("not_an_event", null, "no object");
}

function checkEvent(value: Readonly<Record<string, unknown>>, hostId: string): CheckedLine {
  const { event_id: id, ts, severity, evidence, dedup_key: key } = value;
  const eventId = typeof id === "string" && UUID_V7.test(id) ? id.toLowerCase() : null;
  if (eventId === null) return reject("not_an_event", null, "event_id is no UUIDv7");
  const no = (what: string): CheckedLine => reject("not_an_event", eventId, what);
  if (value["schema_version"] !== SCHEMA_VERSION) return no("schema_version is not 1");
  if (typeof value["host_id"] !== "string") return no("there is no host_id");
  if (value["host_id"] !== hostId)
    return reject("host_id_mismatch", eventId, "host_id is not the batch's");
  if (typeof ts !== "string" || !TS.test(ts) || Number.isNaN(Date.parse(ts)))
    return no("ts is no RFC 3339 time with milliseconds");
  if (!SEVERITIES.includes(severity)) return no("severity is none");
  if (kindOf(value["source"]) === null) return no("there is no source.kind");
  if (kindOf(value["subject"]) === null) return no("there is no subject.kind");
  const kind = kindOf(evidence);
  if (kind === null) return no("there is no evidence.kind");
  const dedupKey = typeof key === "string" && DEDUP_KEY.test(key) ? key : null;
  return { kind: "event", event: { eventId, ts, severity: severity as Severity, kind, dedupKey } };
}

function reject(reason: RejectionReason, eventId: string | null, detail: string): CheckedLine {
  return { kind: "rejected", reason, eventId, detail };
}

function kindOf(part: unknown): string | null {
  if (!isRecord(part)) return null;
  const { kind } = part;
  return typeof kind === "string" && kind.length > 0 && kind.length <= MAX_KIND ? kind : null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether brackets outside strings nest deeper than `max`; needs no stack, and no sound JSON. */
export function isDeeper(line: Buffer, max: number): boolean {
  // Hardly any event has so many brackets at all, and counting them is many times as fast.
  return hasMore(line, max) && nestsDeeper(line, max);
}

function hasMore(line: Buffer, max: number): boolean {
  let found = 0;
  for (const bracket of [0x7b, 0x5b]) {
    for (let at = line.indexOf(bracket); at !== -1; at = line.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > max) return true;
    }
  }
  return false;
}

function nestsDeeper(line: Buffer, max: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > max) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
