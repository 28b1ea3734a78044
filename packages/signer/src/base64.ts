/**
 * Standard base64 with its padding (RFC 4648 §4), in its one canonical spelling: whitespace, another alphabet or stray
 * bits at the end would let two texts stand for the same bytes.
 * @returns null for anything else
 */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Bytes that a base64 text of this length can stand for at least. */
export function leastBytes(base64: string): number {
  return Math.max(0, Math.floor(base64.length / 4) * 3 - 2);
}
