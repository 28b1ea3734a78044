import { encodeBase64 } from "./base64.ts";
import { ROOT_TYPE, type Envelope } from "./envelope.ts";
import { fail } from "./errors.ts";
import { firstIssue } from "./fields.ts";
import type { PublicKey, SecretKey } from "./keypair.ts";
import { VERIFY_LIMITS } from "./limits.ts";
import { rootDocumentSchema, rootProblem, type RootDocument, type RoleName } from "./root.ts";
import { addSignature } from "./seal.ts";

/** One role's keys and how many of them must sign. */
export type RoleKeys = {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
};

/** Optional bounds of one key's use. RFC 3339 in UTC. */
export type Validity = { readonly not_before?: string; readonly not_after?: string };

export type RootContents = {
  readonly version: number;
  readonly issued: string;
  readonly expires: string;
  readonly roles: Readonly<Record<RoleName, RoleKeys>>;
  /** By keyid; keys without an entry may be used at any time. */
  readonly validity?: Readonly<Record<string, Validity>>;
};

/** Makes a trust root document. @throws SIGIL_SIGNER_ROOT_INVALID */
export function makeRoot(contents: RootContents): RootDocument {
  const { version, issued, expires, roles, validity = {} } = contents;
  const keys: RootDocument["keys"] = {};
  for (const key of [...roles.root.keys, ...roles.policy.keys])
    keys[key.keyid] = {
      algorithm: "ed25519",
      public: encodeBase64(key.public),
      ...validity[key.keyid],
    };
  const stranger = Object.keys(validity).find((keyid) => keys[keyid] === undefined);
  if (stranger !== undefined)
    throw fail("SIGIL_SIGNER_ROOT_INVALID", `key ${stranger} is in no role`);
  return checked({ version, issued, expires, keys, roles: rolesOf(roles) });
}

function rolesOf(roles: RootContents["roles"]): RootDocument["roles"] {
  return { root: roleOf(roles.root), policy: roleOf(roles.policy) };
}

function roleOf({ keys, threshold }: RoleKeys): RootDocument["roles"][RoleName] {
  return { keyids: [...new Set(keys.map((key) => key.keyid))], threshold };
}

function checked(document: RootDocument): RootDocument {
  const parsed = rootDocumentSchema.safeParse(document);
  const problem = parsed.success
    ? rootProblem(parsed.data, VERIFY_LIMITS)
    : firstIssue(parsed.error);
  if (problem !== null) throw fail("SIGIL_SIGNER_ROOT_INVALID", problem);
  return document;
}

/**
 * Seals a trust root. A first one needs the threshold of its own root keys, a later one that of its predecessor's too;
 * further signatures may be added with {@link addSignature}.
 * @throws SIGIL_SIGNER_ROOT_INVALID
 */
export function sealRoot(document: RootDocument, keys: readonly SecretKey[]): Envelope {
  const payload = Buffer.from(`${JSON.stringify(checked(document), null, 2)}\n`);
  const unsigned: Envelope = {
    payloadType: ROOT_TYPE,
    payload: encodeBase64(payload),
    signatures: [],
  };
  return keys.reduce(addSignature, unsigned);
}
