import { countText } from "@sigil/cli";
import { error, ok, type Check } from "./check.ts";

/** The policy loads. An invalid one is an error that names file, line and column. */
export const policyCheck: Check = {
  id: "policy",
  title: "Policy",
  async run(facts) {
    const { refused, policy: inForce } = await facts.layers();
    if (refused) return error(`${refused.message} [${refused.code}]`, refused.hint);
    const { policy, version, file } = inForce;
    const here = policy.targets.filter(
      ({ disabled, platform }) =>
        !disabled && (platform === "any" || platform === facts.config.platform),
    );
    const from = file ?? "built-in only";
    return ok(`${from}; ${countText(here.length, "target")} for this system, version ${version}`);
  },
};
