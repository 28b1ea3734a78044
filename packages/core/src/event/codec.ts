import type { Evidence } from "./evidence.ts";
import type { Severity, SigilEvent, Subject } from "./event.ts";
import { SCHEMA_VERSION } from "./version.ts";

/** What differs from event to event; the rest is the same for all events of one run. */
export interface EventParts {
  readonly eventId: string;
  readonly ts: string;
  readonly severity: Severity;
  readonly source: SigilEvent["source"]["kind"];
  readonly subject: Subject;
  readonly evidence: Evidence;
  readonly targetId: string | null;
  readonly dedupKey?: string;
}

/** Builds an event with its fields in contract order. */
export function makeEvent(
  origin: { readonly hostId: string; readonly agentVersion: string },
  parts: EventParts,
): SigilEvent {
  return {
    schema_version: SCHEMA_VERSION,
    event_id: parts.eventId,
    ts: parts.ts,
    host_id: origin.hostId,
    agent_version: origin.agentVersion,
    severity: parts.severity,
    source: { kind: parts.source },
    subject: parts.subject,
    evidence: parts.evidence,
    target_id: parts.targetId,
    ...(parts.dedupKey === undefined ? {} : { dedup_key: parts.dedupKey }),
  };
}

/**
 * One line without its newline. JSON escapes control characters, so a name with a newline stays on its line; the line
 * ends JSON leaves alone (U+0085, U+2028, U+2029) are escaped too, since some readers split at them.
 */
export function encodeEvent(event: SigilEvent): string {
  return JSON.stringify(event).replace(
    /[\u0085\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What a line turned out to be. Evidence of unknown kinds is kept as it is. */
export type Decoded =
  | { readonly kind: "event"; readonly event: SigilEvent }
  | { readonly kind: "malformed"; readonly why: string };

/** Reads one line leniently: fields a newer writer added are kept. Never throws. */
export function decodeEvent(line: string): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { kind: "malformed", why: error instanceof Error ? error.message : "not JSON" };
  }
  if (!isRecord(value)) return { kind: "malformed", why: "not a JSON object" };
  for (const field of ["event_id", "ts", "host_id", "severity"]) {
    if (typeof value[field] !== "string") return { kind: "malformed", why: `no ${field}` };
  }
  for (const field of ["source", "subject", "evidence"]) {
    const part = value[field];
    if (!isRecord(part) || typeof part["kind"] !== "string")
      return { kind: "malformed", why: `no ${field}.kind` };
  }
  return { kind: "event", event: value as unknown as SigilEvent };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
