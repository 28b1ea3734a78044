import { messageOf, SigilError, type HostIdStrategy } from "@sigil/core/plain";
import { reopen, startState, type OpenedPolicy, type Trust } from "@sigil/signer/verify";
import { VERIFY_LIMITS, type VerifyLimits } from "@sigil/signer/plain";
import type { Config } from "../../config.ts";
import { identifyBy } from "../../machine.ts";
import { combine } from "../effective.ts";
import { layerOf, type SignedLayer } from "./layer.ts";
import type { Kept, Memory } from "./memory.ts";
import { readDelivery, readMemory, signedDirectory, type StoredMemory } from "./store.ts";
import { readTrustFile, type InstalledTrust } from "./trust.ts";

/** Why signed policy that is there does not count: a reason of docs/specs/policy.md. */
export interface Problem {
  readonly reason: string;
  readonly detail: string;
}

/** Signed policy as this host has it. */
export interface SignedHere {
  /** Null: nothing that is signed counts. */
  readonly installed: InstalledTrust | null;
  /** Null without a trust root. */
  readonly memory: Memory | null;
  /** What is in force, or null. */
  readonly layer: SignedLayer | null;
  /** Why what was in force is not any more, or null. */
  readonly unusable: Problem | null;
}

/** The largest delivery that can ever have been kept: the setting may have been smaller since. Bytes. */
const KEPT_MAX_BYTES = 64 * 1024 * 1024;
const KEPT_LIMITS: VerifyLimits = { ...VERIFY_LIMITS, delivery_max_bytes: KEPT_MAX_BYTES };

/**
 * Reads what is installed and kept, and opens the policy accepted last. Writes nothing.
 * @param known what a running agent remembers: it counts more than what became of the file since
 * @throws SIGIL_TRUST_UNREADABLE, SIGIL_TRUST_INVALID
 */
export async function openSigned(
  config: Config,
  now = Date.now(),
  known: Memory | null = null,
): Promise<SignedHere> {
  const installed = readTrustFile(config.paths.trust);
  const stored: StoredMemory = known
    ? { kind: "read", memory: known }
    : readMemory(signedDirectory(config.paths.state));
  if (!installed) return orphaned(stored, config.paths.trust);
  const memory = startMemory(installed.trust, stored);
  const here = { installed, memory, layer: null, unusable: null };
  if (stored.kind === "damaged")
    return { ...here, unusable: { reason: "memory_damaged", detail: stored.detail } };
  if (!memory.kept) return here;
  const opened = await openKept(config, installed.trust, memory, memory.kept, now);
  return "reason" in opened ? { ...here, unusable: opened } : { ...here, layer: opened };
}

function orphaned(stored: StoredMemory, trust: string): SignedHere {
  const kept = stored.kind === "read" && stored.memory.kept !== null;
  const detail = `there is no ${trust} any more, so the signed policy kept is not in force`;
  const unusable = kept ? { reason: "no_trust_root", detail } : null;
  return { installed: null, memory: null, layer: null, unusable };
}

function startMemory(trust: Trust, stored: StoredMemory): Memory {
  const known = stored.kind === "read" ? stored.memory : null;
  return {
    trust: startState(trust, known?.trust ?? null),
    kept: known?.kept ?? null,
    refused: known?.refused ?? null,
  };
}

async function openKept(
  config: Config,
  trust: Trust,
  memory: Memory,
  { file, strategy }: Kept,
  now: number,
): Promise<SignedLayer | Problem> {
  const read = readDelivery(signedDirectory(config.paths.state), file, KEPT_MAX_BYTES);
  if ("detail" in read) return { reason: "delivery_unreadable", detail: read.detail };
  const host = await hostBy(config, strategy);
  if ("detail" in host) return { reason: "host_unknown", detail: host.detail };
  const state = memory.trust;
  const opened = reopen(read.bytes, { trust, state, host, now, limits: KEPT_LIMITS });
  return opened.kind === "open" ? understand(opened.policy) : opened;
}

async function hostBy(config: Config, strategy: HostIdStrategy) {
  try {
    const { host_id: id } = await identifyBy(config, strategy, false);
    return { id, platform: config.platform };
  } catch (error) {
    return { detail: messageOf(error) };
  }
}

/** Understands a policy that was opened, and lays it on the built-in one. */
export function understand(opened: OpenedPolicy): SignedLayer | Problem {
  try {
    const layer = layerOf(opened);
    combine(null, null, layer);
    return layer;
  } catch (error) {
    if (!(error instanceof SigilError)) throw error;
    return { reason: "not_a_policy", detail: `${error.message} [${error.code}]` };
  }
}
