/** A BLAKE3 digest as it stands on the wire: `blake3:` and 64 lower-case hex digits. */
export type Digest = `blake3:${string}`;

/** BLAKE3 as the caller provides it; this package names no implementation. */
export interface DigestPort {
  /** @returns the 32-byte digest of `bytes`. */
  digest(bytes: Uint8Array): Uint8Array;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Wraps a raw 32-byte digest for the wire. */
export function toDigest(raw: Uint8Array): Digest {
  return `blake3:${toHex(raw)}`;
}
