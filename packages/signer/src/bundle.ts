import { deliverySchema, type Delivery } from "./delivery.ts";
import { json } from "./bytes.ts";
import {
  envelopeSchema,
  policyEnvelopeSchema,
  POLICY_TYPE,
  ROOT_TYPE,
  type Envelope,
  type PolicyEnvelope,
} from "./envelope.ts";
import { fail } from "./errors.ts";
import { firstIssue } from "./fields.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { isRefusal } from "./reason.ts";
import { claimedVersion } from "./root.ts";
import { openRoot, trustSchema } from "./trust.ts";
import { decodeBase64 } from "./base64.ts";

/**
 * The text of a delivery: what a server serves. Trust roots are put in order and must follow one another.
 * @throws SIGIL_SIGNER_TOO_LARGE, SIGIL_SIGNER_ENVELOPE_INVALID
 */
export function deliveryText(roots: readonly Envelope[], policy: PolicyEnvelope | null): string {
  const { delivery_max_bytes, roots_max } = VERIFY_LIMITS;
  if (roots.length > roots_max)
    throw fail("SIGIL_SIGNER_TOO_LARGE", `the delivery would have more than ${roots_max} roots`);
  const delivery: Delivery = { schema_version: 1, roots: inOrder(roots), policy };
  const text = `${JSON.stringify(delivery)}\n`;
  if (Buffer.byteLength(text) > delivery_max_bytes)
    throw fail("SIGIL_SIGNER_TOO_LARGE", `the delivery would be over ${delivery_max_bytes} bytes`);
  return text;
}

function inOrder(roots: readonly Envelope[]): Envelope[] {
  const sorted = roots
    .map((envelope) => ({ envelope, version: rootVersion(envelope) }))
    .toSorted((a, b) => a.version - b.version);
  for (const [index, { version }] of sorted.entries()) {
    const previous = sorted[index - 1]?.version;
    if (previous !== undefined && version !== previous + 1) {
      const message = `trust root ${version} would come after ${previous}`;
      const hint = "give every trust root from the one that hosts have to the newest, each once";
      throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", message, { hint });
    }
  }
  return sorted.map(({ envelope }) => envelope);
}

function rootVersion({ payloadType, payload }: Envelope): number {
  const bytes = decodeBase64(payload);
  const version = bytes && claimedVersion(bytes);
  if (payloadType !== ROOT_TYPE || version === null)
    throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", "it is no trust root");
  return version;
}

/**
 * The text of `trust.json`, which makes a host believe a trust root.
 * @throws SIGIL_SIGNER_ENVELOPE_INVALID for one that its own keys have not signed
 */
export function trustText(root: Envelope, tenant: string, groups: readonly string[]): string {
  const opened = openRoot(root, VERIFY_LIMITS);
  if (isRefusal(opened))
    throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `hosts would not believe it: ${opened.detail}`);
  const trust = trustSchema.safeParse({ schema_version: 1, tenant, groups, root });
  if (trust.success) return `${JSON.stringify(trust.data, null, 2)}\n`;
  throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", firstIssue(trust.error));
}

export type SealedFile =
  | { readonly kind: "policy"; readonly envelope: PolicyEnvelope }
  | { readonly kind: "root"; readonly envelope: Envelope }
  | { readonly kind: "delivery"; readonly delivery: Delivery };

/** Reads any file this package writes but keys; nothing of it is verified. @returns why it is none of them */
export function readSealed(bytes: Uint8Array): SealedFile | string {
  const value = json(bytes);
  if (value === undefined) return "it is not JSON";
  const type = envelopeSchema.pick({ payloadType: true }).safeParse(value).data?.payloadType;
  if (type === undefined) {
    if (!deliverySchema.pick({ roots: true }).safeParse(value).success)
      return "it is no envelope and no delivery";
    const { data, error } = deliverySchema.safeParse(value);
    return data === undefined ? firstIssue(error) : { kind: "delivery", delivery: data };
  }
  if (type === POLICY_TYPE) {
    const { data, error } = policyEnvelopeSchema.safeParse(value);
    return data === undefined ? firstIssue(error) : { kind: "policy", envelope: data };
  }
  if (type !== ROOT_TYPE) return "its payloadType is unknown";
  const { data, error } = envelopeSchema.safeParse(value);
  return data === undefined ? firstIssue(error) : { kind: "root", envelope: data };
}
