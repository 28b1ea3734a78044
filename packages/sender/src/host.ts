import type { SpoolLine } from "@sigil/spool";

/** Where an event's `host_id` begins at the latest: the fields before it have fixed lengths (design §3). */
const HEAD_BYTES = 256;
const MARK = Buffer.from('"host_id":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Longest host id of an event, each character written as an escape. */
const MAX_BYTES = 128 * 12;

/**
 * The host an event says it is of, without parsing the event; null when that cannot be told so.
 * @param line one event, without its newline
 */
export function hostIdOf(line: Buffer): string | null {
  const start = line.subarray(0, HEAD_BYTES).indexOf(MARK);
  if (start < 0) return null;
  const from = start + MARK.length;
  const end = closingQuote(line, from);
  return end === null ? null : parseString(line.subarray(from - 1, end + 1));
}

/**
 * True when every event is another host's: whoever copied the spool, or changed the host's id, must say so first. Single
 * foreign events are the receiver's to refuse.
 */
export function isForeign(lines: readonly SpoolLine[], hostId: string): boolean {
  const isOther = (line: SpoolLine | undefined) => {
    const id = line === undefined ? null : hostIdOf(line.bytes);
    return id !== null && id !== hostId;
  };
  return isOther(lines.at(-1)) && lines.every(isOther);
}

const EVENT_ID = /^.{0,64}?"event_id":"([0-9a-f-]{36})"/;

/** The `event_id` of a line whose beginning is as it should be, or null. */
export function eventIdOf(line: Uint8Array): string | null {
  const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, HEAD_BYTES));
  return EVENT_ID.exec(head.toString("latin1"))?.[1] ?? null;
}

function closingQuote(line: Buffer, from: number): number | null {
  const most = Math.min(line.length, from + MAX_BYTES);
  for (let at = from; at < most; at += 1) {
    if (line[at] === BACKSLASH) at += 1;
    else if (line[at] === QUOTE) return at;
  }
  return null;
}

function parseString(quoted: Buffer): string | null {
  try {
    const value: unknown = JSON.parse(quoted.toString("utf8"));
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}
