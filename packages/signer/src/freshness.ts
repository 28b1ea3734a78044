import { digestOf } from "./bytes.ts";
import type { Parts } from "./delivery.ts";
import type { VerifyLimits } from "./limits.ts";
import type { Audience, PolicyMetadata } from "./metadata.ts";
import type { HostPlatform, OpenedPolicy } from "./opened.ts";
import { isRefusal, refuse, type Refusal } from "./reason.ts";
import type { TrustRoot } from "./root.ts";
import type { TrustState } from "./state.ts";

/** The parts that are there must be those that are signed: none more, none less, none another's. */
export function matchParts(
  { parts: signed }: PolicyMetadata,
  parts: Parts,
): OpenedPolicy["parts"] | Refusal {
  for (const name of parts.keys())
    if (name !== "policy" && (name !== "rubric" || signed.rubric === undefined))
      return refuse("part_mismatch", "it brings a part that is not signed");
  const policy = matchPart("policy", signed.policy, parts);
  if (isRefusal(policy)) return policy;
  if (signed.rubric === undefined) return { policy, rubric: null };
  const rubric = matchPart("rubric", signed.rubric, parts);
  return isRefusal(rubric) ? rubric : { policy, rubric };
}

function matchPart(
  name: string,
  { digest, bytes }: PolicyMetadata["parts"]["policy"],
  parts: Parts,
): Uint8Array | Refusal {
  const part = parts.get(name);
  if (part === undefined) return refuse("part_mismatch", `part ${name} is missing`);
  if (part.length === bytes && digestOf(part) === digest) return part;
  return refuse("part_mismatch", `part ${name} is not the one that was signed`);
}

/** Why a policy is not for this host, or null. */
export function matchAudience(
  { tenant, groups, hosts, platform }: Audience,
  here: { readonly tenant: string; readonly groups: readonly string[] },
  host: { readonly id: string; readonly platform: HostPlatform },
): string | null {
  if (tenant !== here.tenant) return `it is for tenant ${tenant}, this host is of ${here.tenant}`;
  const forAll = groups === undefined && hosts === undefined;
  const byGroup = groups?.some((group) => here.groups.includes(group)) === true;
  if (!forAll && !byGroup && hosts?.includes(host.id) !== true)
    return "it is for other groups or hosts of the tenant";
  if (platform !== "any" && platform !== host.platform) return `it is for ${platform}`;
  return null;
}

/**
 * What the host has accepted before, and the time. A policy that is in force stays so when it expires, so what is known
 * is never too old; what would be new must be fresh, and so must the trust root it relies on.
 */
export function agePolicy(
  { version, digest, issued, expires }: OpenedPolicy,
  state: TrustState,
  root: TrustRoot,
  now: number,
  limits: VerifyLimits,
): "known" | "new" | Refusal {
  if (version < state.policy_version)
    return refuse("rollback", `it is version ${version}, ${state.policy_version} was accepted`);
  if (version === state.policy_version) {
    if (digest === state.policy_digest) return "known";
    return refuse("same_version_other_bytes", `version ${version} was accepted with other bytes`);
  }
  const { version: rootVersion, expires: rootExpires } = root.document;
  if (now >= Date.parse(rootExpires))
    return refuse("root_expired", `trust root ${rootVersion} expired at ${rootExpires}`);
  if (Date.parse(issued) > now + limits.clock_skew_ms)
    return refuse("not_yet_valid", `version ${version} is of ${issued}`);
  if (now >= Date.parse(expires))
    return refuse("expired", `version ${version} expired at ${expires}`);
  return "new";
}
