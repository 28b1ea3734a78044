import { z } from "zod";
import { json } from "./bytes.ts";
import { envelopeSchema, type Envelope } from "./envelope.ts";
import { fail } from "./errors.ts";
import { instantSchema, versionSchema } from "./fields.ts";
import { VERIFY_LIMITS, type VerifyLimits } from "./limits.ts";
import { isRefusal } from "./reason.ts";
import type { TrustRoot } from "./root.ts";
import { openRoot, type Trust } from "./trust.ts";

const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const stateSchema = z.strictObject({
  schema_version: z.literal(1),
  root: envelopeSchema,
  root_version: versionSchema,
  policy_version: z.int().min(0),
  policy_digest: digestSchema.nullable(),
  highest_time: instantSchema.nullable(),
  kept: z
    .strictObject({ version: versionSchema, digest: digestSchema, root: envelopeSchema })
    .nullable(),
});

/**
 * What a host remembers, so that nothing older is believed later. It is plain JSON; whoever keeps it must have it on
 * the disk before the policy it came with is applied.
 */
export type TrustState = {
  readonly schema_version: 1;
  /** The newest trust root, its chain walked. */
  readonly root: Envelope;
  readonly root_version: number;
  /** The highest accepted; 0: none, or none that counts since a key left the policy role. */
  readonly policy_version: number;
  /** SHA-256 of that policy's payload, `sha256:<hex>`. */
  readonly policy_digest: string | null;
  /** The latest `issued` of anything accepted. RFC 3339. */
  readonly highest_time: string | null;
  /** The last policy accepted and the trust root of then, under which it may be reopened after a rotation. */
  readonly kept: Kept | null;
};

export type Kept = { readonly version: number; readonly digest: string; readonly root: Envelope };

/** @returns null for bytes that no state can be read from: the host begins again from its installed trust root */
export function parseState(bytes: Uint8Array): TrustState | null {
  const parsed = stateSchema.safeParse(json(bytes));
  if (!parsed.success) return null;
  const { root, root_version, kept } = parsed.data;
  const opened = openRoot(root, VERIFY_LIMITS);
  if (isRefusal(opened) || opened.document.version !== root_version) return null;
  return kept !== null && isRefusal(openRoot(kept.root, VERIFY_LIMITS)) ? null : parsed.data;
}

/**
 * The state to begin with: the stored one, unless the installed trust root is newer or another one of the same version,
 * which is the operator's hand and wins without a chain.
 */
export function startState(trust: Trust, stored: TrustState | null): TrustState {
  const { document, digest } = trust.root;
  if (stored === null) {
    return {
      schema_version: 1,
      root: trust.envelope,
      root_version: document.version,
      policy_version: 0,
      policy_digest: null,
      highest_time: document.issued,
      kept: null,
    };
  }
  const known = rootOf(stored);
  if (known.document.version > document.version || known.digest === digest) return stored;
  return withRoot(stored, known, trust.root, trust.envelope);
}

/** The trust root in force. @throws SIGIL_TRUST_INVALID for a state that `parseState` would not have let through */
export function rootOf(
  state: Pick<TrustState, "root">,
  limits: VerifyLimits = VERIFY_LIMITS,
): TrustRoot {
  const root = openRoot(state.root, limits);
  if (isRefusal(root))
    throw fail("SIGIL_TRUST_INVALID", `the trust root remembered is not valid: ${root.detail}`);
  return root;
}

/**
 * Moves on to a newer trust root. Fast-forward recovery (TUF 5.3.11): when a key has left the policy role, whatever it
 * signed no longer says which versions are old, or a stolen key could have used up all numbers. Keys that only join
 * change nothing: a reset would open the door for older policies again.
 */
export function withRoot(
  state: TrustState,
  from: TrustRoot,
  to: TrustRoot,
  envelope: Envelope,
): TrustState {
  const stays = new Set(to.document.roles.policy.keyids);
  const left = from.document.roles.policy.keyids.some((keyid) => !stays.has(keyid));
  return {
    ...state,
    root: envelope,
    root_version: to.document.version,
    highest_time: later(state.highest_time, to.document.issued),
    ...(left ? { policy_version: 0, policy_digest: null } : {}),
  };
}

export function later(a: string | null, b: string): string {
  return a !== null && Date.parse(a) > Date.parse(b) ? a : b;
}
