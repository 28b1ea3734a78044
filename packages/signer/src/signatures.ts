import { decodeBase64 } from "./base64.ts";
import { SIGNATURE_BYTES, verifyStrict } from "./ed25519.ts";
import type { Signature, Unverified } from "./envelope.ts";
import type { Budget } from "./limits.ts";
import { preAuthEncoding } from "./pae.ts";
import { refuse, type Refusal } from "./reason.ts";
import type { RoleName, RootKey, TrustRoot } from "./root.ts";

/** Whether a key's window counts, and when: null on what was accepted before. Milliseconds since 1970. */
export type At = number | null;

/**
 * Checks an envelope against one role of a trust root.
 * A signature counts for the key it verifies under, whatever keyid it carries, and signatures of keys that are not in
 * the role do not count: a root that hands over is signed by keys that only the next one knows.
 * @param former keys of earlier trust roots, so that one that has left is not taken for a stranger's
 * @returns the keys that signed, in the order of the role
 */
export function checkSignatures(
  envelope: Unverified,
  root: TrustRoot,
  role: RoleName,
  at: At,
  budget: Budget,
  former: () => Iterable<RootKey> = () => [],
): readonly string[] | Refusal {
  const { keyids, threshold } = root.document.roles[role];
  const search = createSearch(envelope, root, budget, former);
  const good = new Set<string>();
  const bad: Miss[] = [];
  for (const signature of envelope.signatures) {
    const key = search(signature);
    if (key === "exhausted") return refuse("too_large", "its signatures take too many attempts");
    if (key === null) bad.push(missOf(signature, root));
    else if (!keyids.includes(key.keyid)) bad.push(outside(key, role));
    else if (at !== null && (at < key.notBefore || at > key.notAfter)) bad.push(asleep(key));
    else if (good.has(key.keyid))
      return refuse("duplicate_key", `two signatures are of key ${key.keyid}`);
    else good.add(key.keyid);
  }
  if (good.size >= threshold) return keyids.filter((keyid) => good.has(keyid));
  return tooFew(good.size, threshold, bad, role);
}

type Miss = { readonly reason: "inactive_key" | "bad_signature" | "unknown_key"; detail: string };

/** The most telling reason goes first; some good ones but not enough is a reason of its own. */
function tooFew(good: number, threshold: number, bad: readonly Miss[], role: RoleName): Refusal {
  const counts = `${good} of ${threshold} signatures that role ${role} asks for`;
  for (const reason of ["inactive_key", "bad_signature", "unknown_key"] as const) {
    const miss = bad.find((one) => one.reason === reason);
    if (miss === undefined) continue;
    return good === 0
      ? refuse(reason, miss.detail)
      : refuse("below_threshold", `${counts}; ${miss.detail}`);
  }
  return refuse("below_threshold", counts);
}

type Search = (signature: Signature) => RootKey | "exhausted" | null;

/** Finds the key that a signature verifies under: the one its hint names first, those that have left last. */
function createSearch(
  envelope: Unverified,
  root: TrustRoot,
  budget: Budget,
  former: () => Iterable<RootKey>,
): Search {
  const message = preAuthEncoding(envelope.type, envelope.payload);
  return ({ keyid, sig }) => {
    const bytes = decodeBase64(sig);
    if (bytes?.length !== SIGNATURE_BYTES) return null;
    for (const key of candidates(root, keyid, former)) {
      if (!budget.take()) return "exhausted";
      if (verifyStrict(message, bytes, key.public)) return key;
    }
    return null;
  };
}

function* candidates(
  { keys }: TrustRoot,
  hint: string,
  former: () => Iterable<RootKey>,
): Generator<RootKey> {
  const hinted = keys.get(hint);
  if (hinted !== undefined) yield hinted;
  for (const key of keys.values()) if (key !== hinted) yield key;
  for (const key of former()) if (!keys.has(key.keyid)) yield key;
}

function missOf({ keyid }: Signature, root: TrustRoot): Miss {
  if (root.keys.has(keyid))
    return { reason: "bad_signature", detail: `the signature of key ${keyid} is not valid` };
  return { reason: "unknown_key", detail: "a signature is of no key of the trust root" };
}

function outside({ keyid }: RootKey, role: RoleName): Miss {
  return { reason: "inactive_key", detail: `key ${keyid} has no part in role ${role}` };
}

function asleep({ keyid }: RootKey): Miss {
  return { reason: "inactive_key", detail: `key ${keyid} is outside of its time` };
}
