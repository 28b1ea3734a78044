import { mergeLayers, policySchema } from "@sigil/core";
import { SigilError } from "@sigil/core/plain";
import { parseConfig } from "@sigil/cli/config";
import { fail } from "../errors.ts";

/**
 * Looks whether a policy is one that hosts could apply. Ids of built-in targets and names of weights are the hosts' to
 * check: they belong to the version of the agent.
 * @param name stands for the file in errors
 * @throws SIGIL_SIGNER_POLICY_INVALID, with line and column where there are some
 */
export function checkPolicy(text: string, name: string): void {
  const document = explained(() => parseConfig(text, policySchema, name));
  const { problems } = mergeLayers([{ name: "signed", document, given: {} }]);
  const twice = problems.find(({ kind }) => kind === "duplicate_id");
  if (twice) throw fail("SIGIL_SIGNER_POLICY_INVALID", `${name}: ${twice.message}`);
}

/** As {@link checkPolicy}, of a document with weights of the rubric. */
export function checkRubric(text: string, name: string): void {
  explained(() => parseConfig(text, policySchema.shape.rubric, name));
}

function explained<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SigilError)) throw error;
    throw fail("SIGIL_SIGNER_POLICY_INVALID", error.message, { cause: error });
  }
}
