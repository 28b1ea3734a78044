import { z } from "zod";
import { decodeBase64, leastBytes } from "./base64.ts";
import { isRefusal, refuse, type Refusal } from "./reason.ts";
import type { VerifyLimits } from "./limits.ts";

export const POLICY_TYPE = "application/vnd.sigil.policy.v1+yaml";
export const ROOT_TYPE = "application/vnd.sigil.trust-root.v1+json";

const signatureSchema = z.object({
  /** A hint: which key to try first, never which key it was. */
  keyid: z.string().max(256).default(""),
  sig: z.string().max(256),
});

/** A DSSE envelope. Fields it does not know are nobody's word and are left out. */
export const envelopeSchema = z.object({
  payloadType: z.string().min(1).max(256),
  payload: z.string(),
  signatures: z.array(signatureSchema),
});

/** The documents that the signed metadata speaks of travel beside it; their digests are what is signed. */
export const policyEnvelopeSchema = envelopeSchema.extend({
  parts: z.record(z.string().max(64), z.string()).default({}),
});

export type Signature = { readonly keyid: string; readonly sig: string };

/** `payload` is base64; see {@link preAuthEncoding} for what is signed. */
export type Envelope = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly Signature[];
};

export type PolicyEnvelope = Envelope & { readonly parts: Readonly<Record<string, string>> };

/** An envelope in its bounds, its payload decoded and nothing of it believed. */
export type Unverified = {
  readonly type: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly Signature[];
};

/** @param what stands for it in the detail */
export function unpack(
  envelope: Envelope,
  what: string,
  maxBytes: number,
  limits: VerifyLimits,
): Unverified | Refusal {
  const { signatures, payloadType: type } = envelope;
  if (signatures.length > limits.signatures_max)
    return refuse("too_large", `${what} has ${signatures.length} signatures`);
  const payload = decodeBounded(envelope.payload, `the payload of ${what}`, maxBytes);
  return isRefusal(payload) ? payload : { type, payload, signatures };
}

export function decodeBounded(base64: string, what: string, max: number): Uint8Array | Refusal {
  if (leastBytes(base64) > max) return refuse("too_large", `${what} has more than ${max} bytes`);
  const bytes = decodeBase64(base64);
  if (bytes === null) return refuse("malformed", `${what} is not base64`);
  if (bytes.length > max) return refuse("too_large", `${what} has ${bytes.length} bytes`);
  return bytes;
}
