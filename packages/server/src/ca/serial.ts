import { randomBytes } from "node:crypto";

/** A new serial number: 16 random bytes, positive, without leading zero (RFC 5280 §4.1.2.2 allows 20). */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** As the registry keeps serials, whoever spelled them: lower-case hex without leading zeros or colons. */
export function plainSerial(serial: string): string {
  return serial
    .replaceAll(":", "")
    .toLowerCase()
    .replace(/^0+(?=.)/, "");
}
