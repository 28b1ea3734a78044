import { rootOf } from "@sigil/signer/verify";
import type { SignedLayer } from "./layer.ts";
import type { Memory } from "./memory.ts";
import type { Problem, SignedHere } from "./open.ts";
import type { InstalledTrust } from "./trust.ts";

/** What `show policy`, `doctor` and the control socket see of signed policy. Times are RFC 3339. */
export interface SignedStatus {
  /** Null: no trust root is installed. */
  readonly trust: {
    readonly tenant: string;
    readonly groups: readonly string[];
    readonly root_version: number;
    readonly root_expires: string;
  } | null;
  readonly policy: {
    readonly version: number;
    readonly issued: string;
    readonly expires: string;
    readonly expired: boolean;
    readonly digest: string;
    readonly keyids: readonly string[];
    readonly audience: {
      readonly tenant: string;
      readonly groups: readonly string[] | null;
      readonly hosts: readonly string[] | null;
      readonly platform: string;
    };
  } | null;
  /** Lower versions are refused; 0: any is taken. */
  readonly least_version: number;
  /** The latest signed time seen; a clock before it is wrong. */
  readonly highest_time: string | null;
  readonly unusable: Problem | null;
  /** The last refused delivery. */
  readonly refused: (Problem & { readonly at: string }) | null;
  /** Refused since the start of the agent; 0 without one. */
  readonly refusals_total: number;
}

export interface SignedFacts {
  readonly installed: InstalledTrust | null;
  readonly memory: Memory | null;
  readonly layer: SignedLayer | null;
  readonly unusable: Problem | null;
  readonly refused: SignedStatus["refused"];
  readonly refusalsTotal: number;
}

export function signedStatus(facts: SignedFacts, now: number): SignedStatus {
  const { memory } = facts;
  return {
    trust: trustStatus(facts),
    policy: policyStatus(facts.layer, now),
    least_version: memory?.trust.policy_version ?? 0,
    highest_time: memory?.trust.highest_time ?? null,
    unusable: facts.unusable,
    refused: facts.refused,
    refusals_total: facts.refusalsTotal,
  };
}

function trustStatus({ installed, memory }: SignedFacts): SignedStatus["trust"] {
  if (!installed || !memory) return null;
  const { document } = rootOf(memory.trust);
  const { tenant, groups } = installed.trust;
  return { tenant, groups, root_version: document.version, root_expires: document.expires };
}

function policyStatus(layer: SignedLayer | null, now: number): SignedStatus["policy"] {
  if (!layer) return null;
  const { version, issued, expires, digest, keyids, audience } = layer.opened;
  const expired = now >= Date.parse(expires);
  const { tenant, groups = null, hosts = null, platform } = audience;
  return {
    version,
    issued,
    expires,
    expired,
    digest,
    keyids,
    audience: { tenant, groups, hosts, platform },
  };
}

/** The same without a running agent, from what is on the disk. */
export function statusOfFiles(here: SignedHere, now: number): SignedStatus {
  const refused = here.memory?.refused ?? null;
  return signedStatus({ ...here, refused, refusalsTotal: 0 }, now);
}
