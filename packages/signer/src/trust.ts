import { z } from "zod";
import { json } from "./bytes.ts";
import { envelopeSchema, ROOT_TYPE, unpack, type Envelope } from "./envelope.ts";
import { fail } from "./errors.ts";
import { firstIssue, nameSchema } from "./fields.ts";
import { createBudget, VERIFY_LIMITS, type VerifyLimits } from "./limits.ts";
import { isRefusal, refuse, type Refusal } from "./reason.ts";
import { readRoot, type TrustRoot } from "./root.ts";
import { checkSignatures } from "./signatures.ts";

/** `trust.json`: who a host is and whom it believes, installed by its operator, never taken from a server. */
export const trustSchema = z.strictObject({
  schema_version: z.literal(1),
  tenant: nameSchema,
  groups: z.array(nameSchema).default([]),
  root: envelopeSchema,
});

export type Trust = {
  readonly tenant: string;
  readonly groups: readonly string[];
  /** The installed trust root; {@link startState} says which one is in force. */
  readonly root: TrustRoot;
  readonly envelope: Envelope;
};

/**
 * Reads `trust.json`. That the trust root has expired is no error here: its successor may be in the next delivery.
 * @throws SIGIL_TRUST_INVALID
 */
export function readTrust(bytes: Uint8Array, limits: VerifyLimits = VERIFY_LIMITS): Trust {
  if (bytes.length > limits.trust_max_bytes)
    throw fail("SIGIL_TRUST_INVALID", `the trust file has ${bytes.length} bytes`);
  const parsed = trustSchema.safeParse(json(bytes));
  if (!parsed.success)
    throw fail("SIGIL_TRUST_INVALID", `the trust file is not valid: ${firstIssue(parsed.error)}`);
  const { tenant, groups, root: envelope } = parsed.data;
  const root = openRoot(envelope, limits);
  if (isRefusal(root))
    throw fail("SIGIL_TRUST_INVALID", `the installed trust root is not valid: ${root.detail}`);
  return { tenant, groups, root, envelope };
}

/** Opens a trust root that is believed already: its own keys must have signed it, no others are asked. */
export function openRoot(envelope: Envelope, limits: VerifyLimits): TrustRoot | Refusal {
  const unverified = unpack(envelope, "the trust root", limits.root_max_bytes, limits);
  if (isRefusal(unverified)) return unverified;
  if (unverified.type !== ROOT_TYPE) return refuse("wrong_type", "it is no trust root");
  const root = readRoot(unverified.payload, limits);
  if (isRefusal(root)) return root;
  const signers = checkSignatures(unverified, root, "root", issuedAt(root), createBudget(limits));
  return isRefusal(signers) ? signers : root;
}

/** When a trust root was signed: a key that signed it had to be in its time then, not now. */
export function issuedAt(root: TrustRoot): number {
  return Date.parse(root.document.issued);
}
