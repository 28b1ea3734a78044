import { Buffer } from "node:buffer";
import { errnoOf } from "@sigil/core/plain";
import { quietly } from "./error.ts";
import type { SpoolFiles, SpoolHandle } from "./files.ts";
import { partPath } from "./layout.ts";
import type { SpoolHash } from "./ports.ts";
import type { Range } from "./ranges.ts";
import { isSequence, isSpoolId, parseObject, readSmall, type JsonObject } from "./read-file.ts";
import { Window } from "./window.ts";

const MANIFEST_MAX_BYTES = 4096;
const HEX_DIGEST = /^[0-9a-f]{64}$/;

/** What a closed segment says about itself, and about the one before. */
export type Manifest = {
  readonly schema_version: 1;
  readonly spool_id: string;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly count: number;
  /** Length of the `.jsonl` file. */
  readonly bytes: number;
  /** Digest of those bytes, 64 hex digits. */
  readonly blake3: string;
  /** Digest of the whole manifest file before this one, 64 hex digits; null for the first. */
  readonly previous_manifest_digest: string | null;
  /** RFC 3339. */
  readonly closed_at: string;
  /**
   * Lines that did not match the index when this was written: the digest covers their bytes and says nothing for them.
   * Ascending; absent when there are none, as always when the producer that wrote the lines closed the segment.
   */
  readonly unproven?: readonly Range[];
};

/** As many as fit into `MANIFEST_MAX_BYTES` with the largest sequences. */
export const UNPROVEN_MAX = 48;

export function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}

/** One line of JSON in fixed field order; the last field, `check`, is the digest of the others. */
export function encodeManifest(manifest: Manifest, hash: SpoolHash): Buffer {
  const fields = {
    schema_version: manifest.schema_version,
    spool_id: manifest.spool_id,
    first_sequence: manifest.first_sequence,
    last_sequence: manifest.last_sequence,
    count: manifest.count,
    bytes: manifest.bytes,
    blake3: manifest.blake3,
    previous_manifest_digest: manifest.previous_manifest_digest,
    closed_at: manifest.closed_at,
    ...(manifest.unproven === undefined ? {} : { unproven: manifest.unproven.map(plain) }),
  };
  const check = hex(hash.digest(Buffer.from(JSON.stringify(fields))));
  return Buffer.from(`${JSON.stringify({ ...fields, check })}\n`);
}

function plain({ from, to }: Range): Range {
  return { from, to };
}

/** Null unless the bytes are, to the last one, what `encodeManifest` would write. */
function decodeManifest(bytes: Buffer, hash: SpoolHash): Manifest | null {
  const value = parseObject(bytes);
  if (value === null || !isManifest(value)) return null;
  return encodeManifest(value, hash).equals(bytes) ? value : null;
}

function isManifest(value: JsonObject): value is JsonObject & Manifest {
  const previous = value["previous_manifest_digest"];
  return (
    value["schema_version"] === 1 &&
    isSpoolId(value["spool_id"]) &&
    isSequence(value["first_sequence"], 1) &&
    isSequence(value["last_sequence"]) &&
    isSequence(value["count"]) &&
    isSequence(value["bytes"]) &&
    isHexDigest(value["blake3"]) &&
    (previous === null || isHexDigest(previous)) &&
    typeof value["closed_at"] === "string" &&
    (value["unproven"] === undefined || isRanges(value["unproven"]))
  );
}

function isRanges(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > UNPROVEN_MAX) return false;
  return value.every((one: unknown) => {
    const { from, to } = (one ?? {}) as Partial<Record<keyof Range, unknown>>;
    return isSequence(from, 1) && isSequence(to) && from <= to;
  });
}

function isHexDigest(value: unknown): boolean {
  return typeof value === "string" && HEX_DIGEST.test(value);
}

export type ManifestOutcome =
  | { readonly kind: "absent" }
  | { readonly kind: "invalid" }
  | { readonly kind: "read"; readonly manifest: Manifest; readonly digest: string };

/** A manifest that names another first sequence than its file is invalid. */
export async function readManifest(
  files: SpoolFiles,
  dir: string,
  hash: SpoolHash,
  first: number,
): Promise<ManifestOutcome> {
  const path = partPath(dir, first, "manifest.json");
  const outcome = await readSmall(files, path, MANIFEST_MAX_BYTES);
  if (outcome.kind === "absent") return outcome;
  if (outcome.kind !== "read") return { kind: "invalid" };
  const manifest = decodeManifest(outcome.bytes, hash);
  if (manifest === null || manifest.first_sequence !== first) return { kind: "invalid" };
  return { kind: "read", manifest, digest: hex(hash.digest(outcome.bytes)) };
}

/** Digest of the first `bytes` bytes of a file in bounded memory; null when it is shorter. */
export async function digestFile(
  files: SpoolFiles,
  path: string,
  hash: SpoolHash,
  bytes: number,
): Promise<string | null> {
  const handle = await openOrNull(files, path);
  if (handle === null) return null;
  try {
    if ((await handle.stat()).size < bytes) return null;
    return await digestHandle(handle, hash, bytes);
  } finally {
    await quietly(async () => await handle.close());
  }
}

async function digestHandle(
  handle: SpoolHandle,
  hash: SpoolHash,
  bytes: number,
): Promise<string | null> {
  const hasher = hash.create();
  const window = new Window(handle, bytes);
  for (let at = 0; at < bytes;) {
    const chunk = await window.some(at);
    if (chunk.length === 0) return null;
    hasher.update(chunk);
    at += chunk.length;
  }
  return hex(hasher.digest());
}

async function openOrNull(files: SpoolFiles, path: string): Promise<SpoolHandle | null> {
  try {
    return await files.openRead(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
