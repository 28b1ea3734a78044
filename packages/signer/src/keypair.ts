import { randomBytes } from "node:crypto";
import nacl from "tweetnacl";
import { sha256Hex } from "./bytes.ts";

/** Bytes of the seed that a key is made of, RFC 8032's private key. */
export const SEED_BYTES = 32;

/** @property keyid SHA-256 of the public key, in hex: the only name a key has. */
export type PublicKey = { readonly keyid: string; readonly public: Uint8Array };

export type SecretKey = PublicKey & { readonly seed: Uint8Array };

export function generateKey(): SecretKey {
  return keyFromSeed(new Uint8Array(randomBytes(SEED_BYTES)));
}

/** @param seed 32 random bytes */
export function keyFromSeed(seed: Uint8Array): SecretKey {
  const { publicKey } = nacl.sign.keyPair.fromSeed(seed);
  return { keyid: keyidOf(publicKey), public: publicKey, seed };
}

export function keyidOf(publicKey: Uint8Array): string {
  return sha256Hex(publicKey);
}

export function signBytes(message: Uint8Array, { seed }: SecretKey): Uint8Array {
  return nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey);
}
