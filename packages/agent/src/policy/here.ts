import { SigilError } from "@sigil/core/plain";
import type { Config } from "../config.ts";
import { combine, loadLocal, type PolicyInForce } from "./effective.ts";
import type { LoadedPolicy } from "./load.ts";
import type { SignedLayer } from "./signed/layer.ts";
import { openSigned, type SignedHere } from "./signed/open.ts";

/** The policy an agent that starts now runs on, and what was left out of it. */
export interface PolicyHere {
  readonly policy: PolicyInForce;
  /** The local policy, whether or not it could be laid over the signed one. */
  readonly local: LoadedPolicy | null;
  /** Why the local file is not in force. Only while a signed policy is: without one, it is thrown. */
  readonly refused: SigilError | null;
  readonly signed: SignedHere;
}

/**
 * Reads all layers of this host. Writes nothing.
 * @param required true when the user named the local file: then it must exist
 * @throws SIGIL_TRUST_*; SIGIL_POLICY_* of the local file, unless a signed policy is in force: that one goes on
 */
export async function policyHere(config: Config, required: boolean): Promise<PolicyHere> {
  const signed = await openSigned(config);
  return { signed, ...layLocal(config.paths.policy, required, signed.layer) };
}

function layLocal(
  file: string,
  required: boolean,
  signed: SignedLayer | null,
): Omit<PolicyHere, "signed"> {
  let local: LoadedPolicy | null = null;
  try {
    local = loadLocal(file, required);
    return { policy: combine(local, local && file, signed), local, refused: null };
  } catch (error) {
    // A file of this host's user must not keep the agent from enforcing what is signed.
    if (!signed || !(error instanceof SigilError)) throw error;
    return { policy: combine(null, null, signed), local, refused: error };
  }
}

/** As {@link PolicyHere}, for whoever looks and enforces nothing. */
export interface PolicySeen extends Omit<PolicyHere, "signed"> {
  /** Null when the trust root cannot be used. */
  readonly signed: SignedHere | null;
  /** Why it cannot: an agent would not start. */
  readonly trustError: SigilError | null;
}

/** Reads all layers, and without the signed one where this user may not or cannot. @throws SIGIL_POLICY_* */
export async function policySeen(config: Config, required: boolean): Promise<PolicySeen> {
  try {
    return { ...(await policyHere(config, required)), trustError: null };
  } catch (error) {
    if (!(error instanceof SigilError) || !error.code.startsWith("SIGIL_TRUST_")) throw error;
    return { ...layLocal(config.paths.policy, required, null), signed: null, trustError: error };
  }
}
