import { z } from "zod";
import { POLICY_TYPE } from "@sigil/signer/verify";
import { fail } from "./errors.ts";

const envelope = z.looseObject({
  payloadType: z.string().min(1),
  payload: z.string(),
  signatures: z.array(z.looseObject({ sig: z.string() })).min(1),
});

const delivery = z.looseObject({
  schema_version: z.literal(1),
  roots: z.array(envelope),
  policy: envelope.nullable(),
});

/**
 * What is served of a file: a delivery as it is, a policy envelope in a delivery of its own. Only the form is looked at;
 * the hosts check the signatures.
 * @throws SIGIL_SERVER_POLICY
 */
export function deliveryOf(bytes: Uint8Array): Uint8Array {
  const value = parse(bytes);
  if (delivery.safeParse(value).success) return bytes;
  const policy = envelope.safeParse(value);
  if (!policy.success)
    throw fail("SIGIL_SERVER_POLICY", "the file is neither a delivery nor a signed policy");
  const { payloadType } = policy.data;
  if (payloadType !== POLICY_TYPE)
    throw fail(
      "SIGIL_SERVER_POLICY",
      `the file is an envelope of ${payloadType}, not of a policy`,
      {
        hint: "`sigil-sign bundle` puts trust roots and a policy into one delivery",
      },
    );
  const wrapped = { schema_version: 1, roots: [], policy: value };
  return new TextEncoder().encode(`${JSON.stringify(wrapped)}\n`);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw fail("SIGIL_SERVER_POLICY", "the file is not JSON");
  }
}
