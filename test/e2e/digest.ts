import { createRequire } from "node:module";
import type { SpoolHash } from "@sigil/spool";

interface Blake3Wasm {
  readonly hash: (bytes: Uint8Array | string) => Buffer;
  readonly createHash: () => { update(bytes: Uint8Array): unknown; digest(): Buffer };
}

// Resolved as the agent resolves it, loaded apart from it: the agent under test hashes with the native accelerator.
const wasm = createRequire(new URL("../../packages/agent/package.json", import.meta.url))(
  "blake3-wasm",
) as Blake3Wasm;

/** What a file of these contents must hash to, computed apart from the agent. */
export function b3(contents: string | Uint8Array): string {
  return `blake3:${wasm.hash(contents).toString("hex")}`;
}

/** The hash port with which the spool is read back. */
export const spoolHash: SpoolHash = {
  digest: (bytes) => wasm.hash(bytes),
  create() {
    const hashing = wasm.createHash();
    return { update: (bytes) => void hashing.update(bytes), digest: () => hashing.digest() };
  },
};
