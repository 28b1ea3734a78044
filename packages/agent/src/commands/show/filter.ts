import { decodeEvent, type SigilEvent } from "@sigil/core/plain";
import type { Severity } from "@sigil/core/plain";

/** What of the spool is wanted; undefined: anything. */
export interface EventFilter {
  /** Not observed before. Milliseconds since the epoch. */
  readonly since?: number | undefined;
  /** This severity or worse. */
  readonly severity?: Severity | undefined;
  readonly target?: string | undefined;
  readonly kind?: string | undefined;
}

/** A line of the spool. `event` is null when it is not an event that can be read. */
export interface Line {
  readonly sequence: number;
  readonly text: string;
  readonly event: SigilEvent | null;
}

const SEVERITIES: readonly string[] = ["info", "warn", "high", "critical"];

export function lineOf(sequence: number, bytes: Uint8Array): Line {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const decoded = decodeEvent(text);
  return { sequence, text, event: decoded.kind === "event" ? decoded.event : null };
}

/** A line that cannot be read passes only where nothing in particular is asked for. */
export function accepts(filter: EventFilter, { event }: Line): boolean {
  if (event === null) return Object.values(filter).every((want) => want === undefined);
  return (
    (filter.since === undefined || Date.parse(event.ts) >= filter.since) &&
    (filter.severity === undefined || rank(event.severity) >= rank(filter.severity)) &&
    (filter.target === undefined || event.target_id === filter.target) &&
    (filter.kind === undefined || event.evidence.kind === filter.kind)
  );
}

/** A severity this version does not know counts as the worst: better shown than hidden. */
function rank(severity: string): number {
  const at = SEVERITIES.indexOf(severity);
  return at < 0 ? SEVERITIES.length : at;
}
