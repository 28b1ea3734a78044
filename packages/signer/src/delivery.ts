import { z } from "zod";
import { json, utf8 } from "./bytes.ts";
import {
  decodeBounded,
  envelopeSchema,
  policyEnvelopeSchema,
  POLICY_TYPE,
  ROOT_TYPE,
  unpack,
  type Envelope,
  type PolicyEnvelope,
  type Unverified,
} from "./envelope.ts";
import { firstIssue } from "./fields.ts";
import type { VerifyLimits } from "./limits.ts";
import { isRefusal, refuse, type Refusal } from "./reason.ts";

/** What a server serves and a courier carries: nobody's word but for the envelopes in it. */
export const deliverySchema = z.object({
  schema_version: z.literal(1),
  roots: z.array(envelopeSchema),
  policy: policyEnvelopeSchema.nullable(),
});

export type Delivery = {
  readonly schema_version: 1;
  /** Trust roots, ascending. */
  readonly roots: readonly Envelope[];
  readonly policy: PolicyEnvelope | null;
};

export type Parts = ReadonlyMap<string, Uint8Array>;
export type UnverifiedRoot = Unverified & { readonly envelope: Envelope };
export type UnverifiedPolicy = Unverified & { readonly parts: Parts };

/** A delivery in its bounds and its form, nothing of it believed. */
export type UnverifiedDelivery = {
  readonly roots: readonly UnverifiedRoot[];
  readonly policy: UnverifiedPolicy | null;
};

/** The first steps of opening: size, form, type; in this order over everything. */
export function readDelivery(
  bytes: Uint8Array,
  limits: VerifyLimits,
): UnverifiedDelivery | Refusal {
  if (bytes.length > limits.delivery_max_bytes)
    return refuse("too_large", `it has ${bytes.length} bytes`);
  if (tokensOf(bytes, limits.delivery_max_tokens) > limits.delivery_max_tokens)
    return refuse("too_large", "it has more parts than any delivery needs");
  const parsed = deliverySchema.safeParse(json(bytes));
  if (!parsed.success) return refuse("malformed", firstIssue(parsed.error));
  const { roots, policy } = parsed.data;
  if (roots.length > limits.roots_max)
    return refuse("too_large", `it has ${roots.length} trust roots`);
  const opened: UnverifiedRoot[] = [];
  for (const envelope of roots) {
    const root = unpack(envelope, "a trust root", limits.root_max_bytes, limits);
    if (isRefusal(root)) return root;
    opened.push({ ...root, envelope });
  }
  const unpacked = policy && unpackPolicy(policy, limits);
  if (isRefusal(unpacked)) return unpacked;
  if (opened.some((root) => root.type !== ROOT_TYPE))
    return refuse("wrong_type", "something else stands in a trust root's place");
  if (unpacked !== null && unpacked.type !== POLICY_TYPE)
    return refuse("wrong_type", "something else stands in the policy's place");
  return { roots: opened, policy: unpacked };
}

function unpackPolicy(envelope: PolicyEnvelope, limits: VerifyLimits): UnverifiedPolicy | Refusal {
  const policy = unpack(envelope, "the policy", limits.metadata_max_bytes, limits);
  if (isRefusal(policy)) return policy;
  const parts = new Map<string, Uint8Array>();
  for (const [name, text] of Object.entries(envelope.parts)) {
    const part = decodeBounded(text, "a part of the policy", limits.part_max_bytes);
    if (isRefusal(part)) return part;
    if (utf8(part) === null) return refuse("malformed", "a part of the policy is not UTF-8");
    parts.set(name, part);
  }
  return { ...policy, parts };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `{`, `[` and `,`: what a parser makes something of. */
const TOKENS: ReadonlySet<number> = new Set([0x7b, 0x5b, 0x2c]);

/** Counts what parsing would cost, and no further than it may. */
function tokensOf(bytes: Uint8Array, max: number): number {
  let tokens = 0;
  for (let at = 0; at < bytes.length && tokens <= max; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (TOKENS.has(byte)) tokens += 1;
  }
  return tokens;
}

/** @param start of its opening quote @returns where its closing one is, or the end */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) {
    let escapes = 0;
    while (bytes[at - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return bytes.length;
}
