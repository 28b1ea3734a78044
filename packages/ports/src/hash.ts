import { createRequire } from "node:module";
import { toHex, type DigestPort } from "@sigil/core/plain";
import { fail } from "./error.ts";

/** A hash in progress. */
export interface Hashing {
  update(bytes: Uint8Array): void;
  /** @returns the 32-byte digest; the object is spent. */
  digest(): Uint8Array;
}

/** BLAKE3, 32-byte digests; fits the hash ports of `@sigil/core` and `@sigil/spool`. */
export interface Hasher extends DigestPort {
  readonly name: "native" | "wasm";
  create(): Hashing;
}

/** First 32 bytes of two official test vectors (github.com/BLAKE3-team/BLAKE3 test_vectors.json): input byte i is i mod 251. */
const SELF_TEST: readonly (readonly [number, string])[] = [
  [0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"],
  [1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"],
];

const require = createRequire(import.meta.url);

/**
 * The native accelerator when it loads and passes the official vectors, else wasm.
 * @param want `wasm` skips the accelerator
 * @throws SIGIL_HASH_SELFTEST when neither gives right digests
 */
export function loadHasher(want: "auto" | "wasm" = "auto"): Hasher {
  const native = want === "auto" ? loadNative() : null;
  if (native && passes(native)) return native;
  const wasm = loadWasm();
  if (!passes(wasm)) throw fail("SIGIL_HASH_SELFTEST", "BLAKE3 self-test failed");
  return wasm;
}

function passes(hasher: Hasher): boolean {
  return SELF_TEST.every(([length, expected]) => {
    const input = Uint8Array.from({ length }, (_, index) => index % 251);
    const streamed = hasher.create();
    streamed.update(input.subarray(0, 100));
    streamed.update(input.subarray(100));
    return toHex(hasher.digest(input)) === expected && toHex(streamed.digest()) === expected;
  });
}

interface NativeModule {
  readonly blake3: (bytes: Uint8Array) => Buffer;
  readonly Blake3Hasher: new () => { update(bytes: Uint8Array): unknown; digestBuffer(): Buffer };
}

/**
 * The accelerator's loader takes a path to any library or script from the environment, and would run it: whoever
 * sets an agent's environment must not choose what computes its hashes.
 */
function forgetOverrides(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith("NAPI_RS_")) delete process.env[name];
  }
}

function loadNative(): Hasher | null {
  let native: NativeModule;
  try {
    forgetOverrides();
    native = require("@napi-rs/blake-hash") as NativeModule;
  } catch {
    return null;
  }
  return {
    name: "native",
    digest: (bytes) => native.blake3(bytes),
    create() {
      const hashing = new native.Blake3Hasher();
      return {
        update: (bytes) => void hashing.update(bytes),
        digest: () => hashing.digestBuffer(),
      };
    },
  };
}

interface WasmModule {
  readonly hash: (bytes: Uint8Array) => Buffer;
  readonly createHash: () => { update(bytes: Uint8Array): unknown; digest(): Buffer };
}

function loadWasm(): Hasher {
  const wasm = require("blake3-wasm") as WasmModule;
  return {
    name: "wasm",
    digest: (bytes) => wasm.hash(bytes),
    create() {
      const hashing = wasm.createHash();
      return {
        update: (bytes) => void hashing.update(bytes),
        digest: () => hashing.digest(),
      };
    },
  };
}
