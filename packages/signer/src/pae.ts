const PREFIX = "DSSEv1";

/**
 * DSSE pre-authentication encoding, what is signed: `DSSEv1 <length> <type> <length> <payload>`. The type is signed
 * with the payload, so one kind of document cannot be passed off as another.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  const head = Buffer.concat([
    Buffer.from(`${PREFIX} ${type.length} `, "ascii"),
    type,
    Buffer.from(` ${payload.length} `, "ascii"),
  ]);
  return new Uint8Array(Buffer.concat([head, payload]));
}
