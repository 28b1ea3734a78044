import { stringify } from "yaml";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { digestOf, utf8 } from "./bytes.ts";
import { POLICY_TYPE, type Envelope, type PolicyEnvelope, type Signature } from "./envelope.ts";
import { fail } from "./errors.ts";
import { firstIssue } from "./fields.ts";
import { signBytes, type SecretKey } from "./keypair.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { metadataSchema, type Audience, type PolicyMetadata } from "./metadata.ts";
import { preAuthEncoding } from "./pae.ts";

export type PolicyContents = {
  /** RFC 3339 in UTC. */
  readonly issued: string;
  /** RFC 3339 in UTC. */
  readonly expires: string;
  /** Higher than the last one's; from 1 on. */
  readonly version: number;
  readonly audience: Audience;
  /** UTF-8. */
  readonly policy: Uint8Array;
  /** UTF-8. */
  readonly rubric?: Uint8Array | null;
};

/**
 * Seals a policy with its rubric. The parts are not interpreted.
 * @throws SIGIL_SIGNER_POLICY_INVALID, SIGIL_SIGNER_TOO_LARGE
 */
export function sealPolicy(contents: PolicyContents, keys: readonly SecretKey[]): PolicyEnvelope {
  const { version, issued, expires, audience, policy, rubric } = contents;
  const metadata: PolicyMetadata = {
    version,
    issued,
    expires,
    audience,
    parts: {
      policy: describe("policy", policy),
      ...(rubric ? { rubric: describe("rubric", rubric) } : {}),
    },
  };
  const checked = metadataSchema.safeParse(metadata);
  if (!checked.success) throw fail("SIGIL_SIGNER_POLICY_INVALID", firstIssue(checked.error));
  if (Date.parse(expires) <= Date.parse(issued))
    throw fail("SIGIL_SIGNER_POLICY_INVALID", `it would expire at ${expires}, before it is issued`);
  const payload = Buffer.from(stringify(metadata, { aliasDuplicateObjects: false, lineWidth: 0 }));
  if (payload.length > VERIFY_LIMITS.metadata_max_bytes)
    throw fail("SIGIL_SIGNER_TOO_LARGE", `the metadata would have ${payload.length} bytes`);
  const parts = {
    policy: encodeBase64(policy),
    ...(rubric ? { rubric: encodeBase64(rubric) } : {}),
  };
  const unsigned: PolicyEnvelope = {
    payloadType: POLICY_TYPE,
    payload: encodeBase64(payload),
    signatures: [],
    parts,
  };
  return keys.reduce(addSignature, unsigned);
}

function describe(name: string, bytes: Uint8Array): { digest: string; bytes: number } {
  const max = VERIFY_LIMITS.part_max_bytes;
  if (bytes.length > max)
    throw fail("SIGIL_SIGNER_TOO_LARGE", `the ${name} has ${bytes.length} bytes, over ${max}`);
  if (utf8(bytes) === null) throw fail("SIGIL_SIGNER_POLICY_INVALID", `the ${name} is not UTF-8`);
  return { digest: digestOf(bytes), bytes: bytes.length };
}

/**
 * Signs an envelope once more, over the same bytes, with a key that has not yet.
 * @throws SIGIL_SIGNER_ALREADY_SIGNED, SIGIL_SIGNER_ENVELOPE_INVALID
 */
export function addSignature<Sealed extends Envelope>(envelope: Sealed, key: SecretKey): Sealed {
  if (envelope.signatures.length >= VERIFY_LIMITS.signatures_max)
    throw fail("SIGIL_SIGNER_TOO_LARGE", "it has as many signatures as hosts take");
  const signature = signatureOf(envelope, key);
  // Signatures are deterministic: the same key gives the same bytes.
  if (envelope.signatures.some(({ sig }) => sig === signature.sig))
    throw fail("SIGIL_SIGNER_ALREADY_SIGNED", `key ${key.keyid} has signed it already`);
  return { ...envelope, signatures: [...envelope.signatures, signature] };
}

function signatureOf({ payloadType, payload }: Envelope, key: SecretKey): Signature {
  const bytes = decodeBase64(payload);
  if (bytes === null) throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", "its payload is not base64");
  const sig = encodeBase64(signBytes(preAuthEncoding(payloadType, bytes), key));
  return { keyid: key.keyid, sig };
}

/** The text of an envelope's file. */
export function envelopeText(envelope: Envelope): string {
  return `${JSON.stringify(envelope, null, 2)}\n`;
}
