import { Buffer } from "node:buffer";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { quietly } from "./error.ts";
import type { SpoolFiles, SpoolHandle } from "./files.ts";
import { MAX_SEQUENCE } from "./layout.ts";

export type ReadOutcome =
  | { readonly kind: "absent" }
  | { readonly kind: "not_regular" }
  | { readonly kind: "too_large"; readonly size: number }
  | { readonly kind: "unreadable"; readonly why: string }
  | { readonly kind: "read"; readonly bytes: Buffer };

/** Reads a small file that anyone may have put there: no link, no pipe, no more than `most` bytes. */
export async function readSmall(
  files: SpoolFiles,
  path: string,
  most: number,
): Promise<ReadOutcome> {
  let handle: SpoolHandle;
  try {
    handle = await files.openRead(path);
  } catch (error) {
    return refusal(error);
  }
  try {
    return await readHandle(handle, most);
  } catch (error) {
    return { kind: "unreadable", why: messageOf(error) };
  } finally {
    await quietly(async () => await handle.close());
  }
}

async function readHandle(handle: SpoolHandle, most: number): Promise<ReadOutcome> {
  const stat = await handle.stat();
  if (stat.kind !== "file") return { kind: "not_regular" };
  if (stat.size > most) return { kind: "too_large", size: stat.size };
  // One byte more than allowed: the file may have grown since it was measured.
  const buffer = Buffer.alloc(Math.min(most, stat.size) + 1);
  const got = await handle.read(buffer, 0);
  if (got > most) return { kind: "too_large", size: got };
  return { kind: "read", bytes: buffer.subarray(0, got) };
}

function refusal(error: unknown): ReadOutcome {
  const errno = errnoOf(error);
  if (errno === "ENOENT") return { kind: "absent" };
  // ELOOP: a link. ENXIO, EISDIR: a socket or a directory.
  if (errno === "ELOOP" || errno === "EMLINK" || errno === "ENXIO" || errno === "EISDIR") {
    return { kind: "not_regular" };
  }
  return { kind: "unreadable", why: messageOf(error) };
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Null unless the bytes are one JSON object. */
export function parseObject(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return value as JsonObject;
  } catch {
    return null;
  }
}

export function isSequence(value: unknown, least = 0): value is number {
  return (
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= MAX_SEQUENCE
  );
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export function isSpoolId(value: unknown): value is string {
  return typeof value === "string" && ULID.test(value);
}
