import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "@sigil/core/plain";
import { fail } from "../../errors.ts";
import { isTemporary, nodeSteps, writeAtomic, type DiskSteps } from "../../fs/atomic.ts";
import { readBounded, type BoundedRead } from "../../fs/read.ts";
import { decodeMemory, encodeMemory, isDeliveryName, type Memory } from "./memory.ts";

/** Two trust states with a root of 64 KiB each, and room. Bytes. */
const MEMORY_MAX_BYTES = 1024 * 1024;
const MEMORY_FILE = "state.json";
/** This user's alone: the rollback memory is worth nothing to whom others can write it for. */
const DIRECTORY_MODE = 0o700;

export type StoredMemory =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly memory: Memory }
  | { readonly kind: "damaged"; readonly detail: string };

/** Where signed policy is kept: beside the state database. */
export function signedDirectory(stateFile: string): string {
  return join(dirname(stateFile), "signed");
}

export function readMemory(directory: string): StoredMemory {
  const path = join(directory, MEMORY_FILE);
  const read = readBounded(path, MEMORY_MAX_BYTES);
  if (read.kind === "absent") return { kind: "none" };
  if (read.kind !== "read") return { kind: "damaged", detail: `${path}: ${whyNot(read)}` };
  const memory = decodeMemory(read.bytes);
  return memory
    ? { kind: "read", memory }
    : { kind: "damaged", detail: `${path} is damaged, or of a newer version` };
}

/** The bytes of a kept delivery, or why there are none. */
export function readDelivery(
  directory: string,
  file: string,
  maxBytes: number,
): { readonly bytes: Buffer } | { readonly detail: string } {
  const path = join(directory, file);
  const read = readBounded(path, maxBytes);
  return read.kind === "read" ? { bytes: read.bytes } : { detail: `${path}: ${whyNot(read)}` };
}

function whyNot(read: Exclude<BoundedRead, { kind: "read" }>): string {
  switch (read.kind) {
    case "absent":
      return "it is gone";
    case "too_large":
      return `${read.size} bytes, more than is read`;
    case "not_regular":
      return "not a regular file";
    case "unreadable":
      return read.errno;
  }
}

/** Writes what is kept. Each call is durable when it resolves. @throws SIGIL_SIGNED_NOT_KEPT */
export interface SignedStore {
  /** Writes a delivery beside those there are. @returns its name, for the memory to name it */
  keep(version: number, delivery: Uint8Array): Promise<string>;
  /** Replaces the memory. What it names is from here on what the next start opens. */
  remember(memory: Memory): Promise<void>;
  /** Removes what the memory does not name. Never throws: the next start tries again. */
  tidy(memory: Memory): Promise<void>;
}

export function openStore(directory: string, steps: DiskSteps = nodeSteps): SignedStore {
  const write = async (name: string, bytes: Uint8Array) => {
    try {
      await prepare(directory, steps);
      await writeAtomic(join(directory, name), bytes, steps);
    } catch (error) {
      const message = `cannot write ${join(directory, name)}: ${messageOf(error)}`;
      throw fail("SIGIL_SIGNED_NOT_KEPT", message, { cause: error });
    }
  };
  return {
    async keep(version, delivery) {
      const name = `delivery-${version}-${digestOf(delivery)}.json`;
      await write(name, delivery);
      return name;
    },
    remember: (memory) => write(MEMORY_FILE, encodeMemory(memory)),
    async tidy({ kept }) {
      for (const name of namesIn(directory)) {
        const ours = isDeliveryName(name) || isTemporary(name);
        if (!ours || name === kept?.file) continue;
        await steps.remove(join(directory, name)).catch(() => undefined);
      }
    },
  };
}

async function prepare(directory: string, steps: DiskSteps): Promise<void> {
  const made = mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
  if (made !== undefined) await steps.syncDirectory(dirname(directory));
  // The umask may have taken from it, and an older one may have been wider.
  if (process.platform !== "win32") chmodSync(directory, DIRECTORY_MODE);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 12);
}
