/** The bytes of a delivery as the control socket takes it. @returns null when it is not base64 */
export function bytesOfDelivery(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  // Node skips what is no base64: what comes back must be what went in.
  return bytes.toString("base64") === text ? bytes : null;
}

/** The same delivery without its policy: what it says of trust roots counts whatever its policy is worth. */
export function withoutPolicy(delivery: Buffer): Buffer {
  const value = JSON.parse(delivery.toString("utf8")) as Record<string, unknown>;
  return Buffer.from(JSON.stringify({ ...value, policy: null }));
}
