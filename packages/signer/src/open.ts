import { digestOf } from "./bytes.ts";
import { readDelivery, type UnverifiedPolicy } from "./delivery.ts";
import { agePolicy, matchAudience, matchParts } from "./freshness.ts";
import { createBudget, VERIFY_LIMITS, type VerifyLimits } from "./limits.ts";
import { readMetadata, type PolicyMetadata } from "./metadata.ts";
import type { HostPlatform, OpenedPolicy } from "./opened.ts";
import { isRefusal, refuse, type Refusal } from "./reason.ts";
import type { RootKey } from "./root.ts";
import { checkSignatures } from "./signatures.ts";
import { later, rootOf, type TrustState } from "./state.ts";
import type { Trust } from "./trust.ts";
import { walkRoots } from "./walk.ts";

export interface OpenContext {
  readonly trust: Trust;
  readonly state: TrustState;
  readonly host: { readonly id: string; readonly platform: HostPlatform };
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly limits?: VerifyLimits;
}

/** Whatever the verdict, `state` is to be kept durably before anything is applied. */
export type Verdict =
  | { readonly kind: "accepted"; readonly policy: OpenedPolicy; readonly state: TrustState }
  | { readonly kind: "unchanged"; readonly state: TrustState }
  | (Refusal & { readonly state: TrustState });

export type Reopened =
  | { readonly kind: "open"; readonly policy: OpenedPolicy; readonly expired: boolean }
  | Refusal;

/**
 * Opens what a courier brought. The checks and their order are docs/specs/policy.md §9.
 * @throws SIGIL_TRUST_INVALID only for a state that is not one
 */
export function openDelivery(bytes: Uint8Array, context: OpenContext): Verdict {
  const { state, now, limits = VERIFY_LIMITS } = context;
  const reject = (refusal: Refusal, remembered = state): Verdict => ({
    ...refusal,
    state: remembered,
  });
  const delivery = readDelivery(bytes, limits);
  if (isRefusal(delivery)) return reject(delivery);
  const budget = createBudget(limits);
  const highest = highestTime(state);
  if (now < highest - limits.clock_skew_ms) {
    const detail = `the clock is before ${state.highest_time}, when something accepted was signed`;
    return reject(refuse("clock_set_back", detail));
  }
  const walk = walkRoots(delivery.roots, state, now, limits, budget);
  if (walk.refusal !== null) return reject(walk.refusal, walk.state);
  if (delivery.policy === null) return { kind: "unchanged", state: walk.state };
  const signers = checkSignatures(delivery.policy, walk.root, "policy", now, budget, () =>
    formerKeys(state),
  );
  const policy = openPolicy(delivery.policy, context, signers);
  if (isRefusal(policy)) return reject(policy, walk.state);
  const age = agePolicy(policy, walk.state, walk.root, now, limits);
  if (isRefusal(age)) return reject(age, walk.state);
  if (age === "known") return { kind: "unchanged", state: walk.state };
  return { kind: "accepted", policy, state: remember(walk.state, policy) };
}

/**
 * Opens the delivery that was accepted before, at the start of a host: it may have expired since, and its keys may have
 * left, but it must be the one the state knows, byte for byte.
 */
export function reopen(bytes: Uint8Array, context: OpenContext): Reopened {
  const { state, now, limits = VERIFY_LIMITS } = context;
  const delivery = readDelivery(bytes, limits);
  if (isRefusal(delivery)) return delivery;
  if (delivery.policy === null) return refuse("malformed", "there is no policy in it");
  const { kept } = state;
  if (kept === null) return refuse("rollback", "no policy is known to have been accepted");
  const root = rootOf(kept, limits);
  const budget = createBudget(limits);
  const signers = checkSignatures(delivery.policy, root, "policy", null, budget);
  const policy = openPolicy(delivery.policy, context, signers);
  if (isRefusal(policy)) return policy;
  if (policy.version !== kept.version)
    return refuse("rollback", `it is version ${policy.version}, ${kept.version} was accepted last`);
  if (policy.digest !== kept.digest)
    return refuse("same_version_other_bytes", `version ${kept.version} was accepted otherwise`);
  const time = Math.max(now, highestTime(state));
  return { kind: "open", policy, expired: time >= Date.parse(policy.expires) };
}

/** Of the trust roots that the host has relied on so far. */
function formerKeys(state: TrustState): RootKey[] {
  const roots = state.kept === null ? [state] : [state, state.kept];
  return roots.flatMap((one) => [...rootOf(one).keys.values()]);
}

function highestTime({ highest_time }: TrustState): number {
  return highest_time === null ? -Infinity : Date.parse(highest_time);
}

/** What does not depend on what the host has accepted before: form, parts, audience. */
function openPolicy(
  envelope: UnverifiedPolicy,
  { trust, host }: OpenContext,
  keyids: readonly string[] | Refusal,
): OpenedPolicy | Refusal {
  if (isRefusal(keyids)) return keyids;
  const metadata = readMetadata(envelope.payload);
  if (isRefusal(metadata)) return metadata;
  const parts = matchParts(metadata, envelope.parts);
  if (isRefusal(parts)) return parts;
  const problem = matchAudience(metadata.audience, trust, host);
  if (problem !== null) return refuse("wrong_audience", problem);
  return opened(metadata, digestOf(envelope.payload), keyids, parts);
}

function opened(
  { version, issued, expires, audience }: PolicyMetadata,
  digest: string,
  keyids: readonly string[],
  parts: OpenedPolicy["parts"],
): OpenedPolicy {
  return { version, issued, expires, audience, digest, keyids, parts };
}

function remember(state: TrustState, policy: OpenedPolicy): TrustState {
  const { version, digest } = policy;
  return {
    ...state,
    policy_version: version,
    policy_digest: digest,
    highest_time: later(state.highest_time, policy.issued),
    kept: { version, digest, root: state.root },
  };
}
