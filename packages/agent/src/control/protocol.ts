/** One JSON object a line, each way; a connection carries one request. */
export type ControlRequest = { readonly op: "status" } | { readonly op: "reload" };

export type ControlReply =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly hint: string | null;
    };

/** Longest request or reply. Bytes. */
export const MAX_REQUEST_BYTES = 64 * 1024;
export const MAX_REPLY_BYTES = 4 * 1024 * 1024;
/** A peer that says nothing for this long is cut off. Milliseconds. */
export const IDLE_MS = 5000;
/** An answer may take as long as a reload with many targets does. Milliseconds. */
export const ANSWER_MS = 60_000;

/** @returns null for anything that is not a request this version knows */
export function parseRequest(line: string): ControlRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("op" in value)) return null;
  return value.op === "status" || value.op === "reload" ? { op: value.op } : null;
}
