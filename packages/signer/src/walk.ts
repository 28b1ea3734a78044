import { equalBytes } from "./bytes.ts";
import type { UnverifiedRoot } from "./delivery.ts";
import { decodeBase64 } from "./base64.ts";
import type { Budget, VerifyLimits } from "./limits.ts";
import { isRefusal, refuse, type Refusal, type RejectReason } from "./reason.ts";
import { claimedVersion, readRoot, type TrustRoot } from "./root.ts";
import { checkSignatures } from "./signatures.ts";
import { rootOf, withRoot, type TrustState } from "./state.ts";
import { issuedAt } from "./trust.ts";

/** How far a walk came: what was reached stays reached, also when the next step is refused. */
export type Walk = {
  readonly state: TrustState;
  readonly root: TrustRoot;
  readonly refusal: Refusal | null;
};

/**
 * Walks from the known trust root to the newest one of a delivery, version by version (TUF 5.3.2 to 5.3.9). Those on the
 * way may have expired (5.3.10 asks the last one only); older ones were walked before and say nothing any more.
 */
export function walkRoots(
  roots: readonly UnverifiedRoot[],
  start: TrustState,
  now: number,
  limits: VerifyLimits,
  budget: Budget,
): Walk {
  let state = start;
  let root = rootOf(start, limits);
  let previous = 0;
  let newest = 0;
  const stop = (refusal: Refusal): Walk => ({ state, root, refusal });
  for (const next of roots) {
    const version = claimedVersion(next.payload);
    if (version === null) return stop(refuse("malformed", "trust root: it has no version"));
    if (version <= previous)
      return stop(refuse("root_rollback", `trust root ${version} comes after ${previous}`));
    previous = version;
    newest = version;
    const known = root.document.version;
    if (version < known) continue;
    if (version === known) {
      if (isKnown(next, state)) continue;
      return stop(refuse("root_rollback", `another trust root ${version} is known already`));
    }
    const step = stepTo(next, version, root, now, limits, budget);
    if (isRefusal(step)) return stop(step);
    state = withRoot(state, root, step, next.envelope);
    root = step;
  }
  if (newest !== 0 && newest < root.document.version) {
    const detail = `its newest trust root is ${newest}, ${root.document.version} is known`;
    return stop(refuse("root_rollback", detail));
  }
  return { state, root, refusal: null };
}

function isKnown(root: UnverifiedRoot, state: TrustState): boolean {
  const known = decodeBase64(state.root.payload);
  return known !== null && equalBytes(known, root.payload);
}

/** To the keys that take over, the signatures of those that hand over are strangers': what is missing is their own. */
const STRANGERS: ReadonlySet<RejectReason> = new Set(["unknown_key", "inactive_key"]);

/** N+1 must be signed by the threshold of N, which hands over, and by that of N+1, whose keys are shown to exist. */
function stepTo(
  next: UnverifiedRoot,
  version: number,
  from: TrustRoot,
  now: number,
  limits: VerifyLimits,
  budget: Budget,
): TrustRoot | Refusal {
  const known = from.document.version;
  if (version !== known + 1)
    return refuse("root_gap", `trust root ${version} comes after ${known}, without those between`);
  const to = readRoot(next.payload, limits);
  if (isRefusal(to)) return to;
  for (const signer of [from, to]) {
    const signers = checkSignatures(next, signer, "root", issuedAt(to), budget);
    if (!isRefusal(signers)) continue;
    const by = `by the keys of ${signer.document.version}`;
    const isHandedOver = signer === to && STRANGERS.has(signers.reason);
    const reason = isHandedOver ? "below_threshold" : signers.reason;
    return refuse(reason, `trust root ${version}, ${by}: ${signers.detail}`);
  }
  if (issuedAt(to) > now + limits.clock_skew_ms)
    return refuse("not_yet_valid", `trust root ${version} is of ${to.document.issued}`);
  return to;
}
