import { EXIT, usageError } from "@sigil/cli";
import { decodeBase64 } from "../../base64.ts";
import { fail } from "../../errors.ts";
import { keyidSchema } from "../../fields.ts";
import type { PublicKey } from "../../key.ts";
import { isRefusal } from "../../reason.ts";
import { readRoot, type RootDocument, type RoleName } from "../../root.ts";
import {
  envelopeText,
  makeRoot,
  sealRoot,
  trustText,
  type RoleKeys,
  type Validity,
} from "../../sign.ts";
import { VERIFY_LIMITS, type Envelope } from "../../verify.ts";
import { emit } from "../files.ts";
import { loadKeys, loadPublicKey } from "../keys.ts";
import { loadRoot } from "../sealed.ts";
import { note } from "../style.ts";
import { expiryOf, timeOf } from "../when.ts";
import { missingSignatures } from "../missing.ts";

interface SealFlags {
  readonly expires: string;
  readonly validFrom?: readonly string[];
  readonly validUntil?: readonly string[];
  readonly key: readonly string[];
  readonly passphraseFile?: string;
  readonly out?: string;
}

export interface InitFlags extends SealFlags {
  readonly rootVersion: number;
  readonly rootKey: readonly string[];
  readonly rootThreshold: number;
  readonly policyKey: readonly string[];
  readonly policyThreshold: number;
}

/** `sigil-sign root init`. */
export async function initRoot(flags: InitFlags): Promise<number> {
  const roles = {
    root: { keys: await loadPublicKeys(flags.rootKey), threshold: flags.rootThreshold },
    policy: { keys: await loadPublicKeys(flags.policyKey), threshold: flags.policyThreshold },
  };
  return seal(flags.rootVersion, roles, {}, flags, null);
}

export interface RotateFlags extends SealFlags {
  readonly addRootKey?: readonly string[];
  readonly removeRootKey?: readonly string[];
  readonly rootThreshold?: number;
  readonly addPolicyKey?: readonly string[];
  readonly removePolicyKey?: readonly string[];
  readonly policyThreshold?: number;
}

/** `sigil-sign root rotate ROOT`. */
export async function rotateRoot(file: string, flags: RotateFlags): Promise<number> {
  const before = documentOf(loadRoot(file), file);
  const roles = {
    root: await changed(before, "root", {
      add: flags.addRootKey,
      remove: flags.removeRootKey,
      threshold: flags.rootThreshold,
    }),
    policy: await changed(before, "policy", {
      add: flags.addPolicyKey,
      remove: flags.removePolicyKey,
      threshold: flags.policyThreshold,
    }),
  };
  return seal(before.version + 1, roles, before.keys, flags, before);
}

export interface TrustFlags {
  readonly tenant: string;
  readonly group?: readonly string[];
  readonly out?: string;
}

/** `sigil-sign root trust ROOT`. @throws SIGIL_SIGNER_ENVELOPE_INVALID */
export function installTrust(file: string, { tenant, group = [], out }: TrustFlags): number {
  emit(trustText(loadRoot(file), tenant, group), out);
  return EXIT.ok;
}

async function seal(
  version: number,
  roles: Readonly<Record<RoleName, RoleKeys>>,
  known: RootDocument["keys"],
  flags: SealFlags,
  before: RootDocument | null,
): Promise<number> {
  const now = Date.now();
  const issued = new Date(now).toISOString();
  const expires = expiryOf(flags.expires, now);
  const members = new Set([...roles.root.keys, ...roles.policy.keys].map(({ keyid }) => keyid));
  const stay = Object.entries(known).filter(([keyid]) => members.has(keyid));
  const validity = await windows(stay, flags);
  const document = makeRoot({ version, issued, expires, roles, validity });
  const keys = await loadKeys(flags.key, flags.passphraseFile);
  emit(envelopeText(sealRoot(document, keys)), flags.out);
  note(`trust root ${version}, until ${expires}`);
  const signers = new Set(keys.map(({ keyid }) => keyid));
  for (const line of missingSignatures(document, before, signers)) note(line);
  return EXIT.ok;
}

/** A key that stays keeps its window, unless another one is given. */
async function windows(
  known: readonly (readonly [string, RootDocument["keys"][string]])[],
  { validFrom = [], validUntil = [] }: SealFlags,
): Promise<Record<string, Validity>> {
  const all: Record<string, Validity> = {};
  for (const [keyid, { not_before, not_after }] of known)
    all[keyid] = { ...given("not_before", not_before), ...given("not_after", not_after) };
  for (const [option, bound, texts] of [
    ["--valid-from", "not_before", validFrom],
    ["--valid-until", "not_after", validUntil],
  ] as const)
    for (const text of texts) {
      const at = text.lastIndexOf("=");
      if (at < 1) throw usageError(`${option}: "${text}" is not KEY=TIME`);
      const keyid = await keyidFor(text.slice(0, at));
      const time = timeOf(text.slice(at + 1), option);
      all[keyid] = { ...all[keyid], [bound]: new Date(time).toISOString() };
    }
  return all;
}

function given(bound: keyof Validity, time: string | undefined): Validity {
  return time === undefined ? {} : { [bound]: time };
}

type Changes = {
  readonly add: readonly string[] | undefined;
  readonly remove: readonly string[] | undefined;
  readonly threshold: number | undefined;
};

async function changed(
  { keys, roles }: RootDocument,
  role: RoleName,
  { add = [], remove = [], threshold }: Changes,
): Promise<RoleKeys> {
  const before = roles[role];
  const gone = new Set<string>();
  for (const name of remove) gone.add(await keyidFor(name));
  for (const keyid of gone)
    if (!before.keyids.includes(keyid)) throw usageError(`role ${role} has no key ${keyid}`);
  const stay = before.keyids.filter((keyid) => !gone.has(keyid));
  const kept = stay.map((keyid) => ({ keyid, public: publicOf(keys[keyid]?.public) }));
  const added = await loadPublicKeys(add);
  return { keys: [...kept, ...added], threshold: threshold ?? before.threshold };
}

function publicOf(base64: string | undefined): Uint8Array {
  const bytes = base64 === undefined ? null : decodeBase64(base64);
  if (bytes === null) throw fail("SIGIL_SIGNER_ROOT_INVALID", "a key of the trust root is missing");
  return bytes;
}

async function keyidFor(name: string): Promise<string> {
  return keyidSchema.safeParse(name).success ? name : (await loadPublicKey(name)).keyid;
}

async function loadPublicKeys(paths: readonly string[]): Promise<PublicKey[]> {
  const keys: PublicKey[] = [];
  for (const path of paths) keys.push(await loadPublicKey(path));
  return keys;
}

function documentOf({ payload }: Envelope, file: string): RootDocument {
  const bytes = decodeBase64(payload);
  const root = bytes && readRoot(bytes, VERIFY_LIMITS);
  if (root !== null && !isRefusal(root)) return root.document;
  const detail = root?.detail ?? "its payload is not base64";
  throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${file}: ${detail}`);
}
