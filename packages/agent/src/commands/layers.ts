import { printable } from "@sigil/cli";
import type { PolicyInForce } from "../policy/effective.ts";
import { policySeen } from "../policy/here.ts";
import { note, type CommandContext } from "./context.ts";

/**
 * The policy that `sigil run` with the same flags would work with. What had to be left out of it is said on stderr.
 * @throws SIGIL_POLICY_*
 */
export async function policyOf(context: CommandContext): Promise<PolicyInForce> {
  const { policy, refused, signed, trustError } = await policySeen(
    context.config,
    context.policyRequired,
  );
  if (trustError) note(`signed policy is left out: ${printable(trustError.message)}`);
  if (signed?.unusable) note(`signed policy is left out: ${printable(signed.unusable.detail)}`);
  if (refused) note(`the local policy is left out: ${printable(refused.message)}`);
  return policy;
}
