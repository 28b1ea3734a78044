import { z } from "zod";
import { decodeBase64 } from "./base64.ts";
import { digestOf, json, sha256Hex } from "./bytes.ts";
import { isUsableKey } from "./ed25519.ts";
import { firstIssue, instantSchema, keyidSchema, versionSchema } from "./fields.ts";
import type { VerifyLimits } from "./limits.ts";
import { refuse, type Refusal } from "./reason.ts";

const keySchema = z.strictObject({
  algorithm: z.literal("ed25519"),
  /** 32 bytes, base64. */
  public: z.string().length(44),
  not_before: instantSchema.optional(),
  not_after: instantSchema.optional(),
});

const roleSchema = z.strictObject({
  keyids: z.array(keyidSchema).min(1),
  threshold: z.int().min(1),
});

/** The payload of a trust root: which keys may sign what, and how many of them it takes. */
export const rootDocumentSchema = z.strictObject({
  version: versionSchema,
  issued: instantSchema,
  expires: instantSchema,
  keys: z.record(keyidSchema, keySchema),
  roles: z.strictObject({ root: roleSchema, policy: roleSchema }),
});

export type RootDocument = z.output<typeof rootDocumentSchema>;
export type RoleName = keyof RootDocument["roles"];

/** A key of a trust root, its window in milliseconds since 1970. */
export type RootKey = {
  readonly keyid: string;
  readonly public: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
};

/** A trust root that makes sense in itself. That it is trusted is for its signatures to say. */
export type TrustRoot = {
  readonly document: RootDocument;
  readonly keys: ReadonlyMap<string, RootKey>;
  /** Of the payload. */
  readonly digest: string;
};

/** Reads the payload of a trust root. */
export function readRoot(payload: Uint8Array, limits: VerifyLimits): TrustRoot | Refusal {
  const parsed = rootDocumentSchema.safeParse(json(payload));
  if (!parsed.success) return malformed(firstIssue(parsed.error));
  const document = parsed.data;
  const problem = rootProblem(document, limits);
  if (problem !== null) return malformed(problem);
  const keys = new Map<string, RootKey>();
  for (const [keyid, { public: text, not_before, not_after }] of Object.entries(document.keys)) {
    const publicKey = decodeBase64(text);
    const bad = publicKey === null ? "is not base64" : keyProblem(keyid, publicKey);
    if (publicKey === null || bad !== null) return malformed(`key ${keyid} ${bad}`);
    keys.set(keyid, {
      keyid,
      public: publicKey,
      notBefore: not_before === undefined ? -Infinity : Date.parse(not_before),
      notAfter: not_after === undefined ? Infinity : Date.parse(not_after),
    });
  }
  return { document, keys, digest: digestOf(payload) };
}

function malformed(detail: string): Refusal {
  return refuse("malformed", `trust root: ${detail}`);
}

/** The name is the key's own, so no key can have two and count twice. */
function keyProblem(keyid: string, publicKey: Uint8Array): string | null {
  if (sha256Hex(publicKey) !== keyid) return "has another key's name";
  return isUsableKey(publicKey) ? null : "is no key that can be used";
}

/** What is wrong with a trust root that its schema cannot say, or null. */
export function rootProblem(document: RootDocument, limits: VerifyLimits): string | null {
  const { keys, roles, issued, expires } = document;
  if (Object.keys(keys).length > limits.keys_max) return `more than ${limits.keys_max} keys`;
  if (Date.parse(expires) <= Date.parse(issued)) return "it expires before it is issued";
  for (const [name, { keyids, threshold }] of Object.entries(roles)) {
    if (new Set(keyids).size !== keyids.length) return `role ${name} names a key twice`;
    const missing = keyids.find((keyid) => !Object.hasOwn(keys, keyid));
    if (missing !== undefined) return `role ${name} names key ${missing}, which is not there`;
    if (threshold > keyids.length)
      return `role ${name} asks for ${threshold} of ${keyids.length} keys`;
  }
  return null;
}

/** The version that an unverified payload claims; null when it claims none. */
export function claimedVersion(payload: Uint8Array): number | null {
  const claimed = z.object({ version: versionSchema }).safeParse(json(payload));
  return claimed.success ? claimed.data.version : null;
}
