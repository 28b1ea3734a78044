import { RUBRIC } from "@sigil/baseline/rubric";
import { expandLiteral } from "@sigil/core/plain";
import { withWeights } from "@sigil/risk";
import type { Config } from "../config.ts";
import type { PolicyInForce } from "../policy/effective.ts";
import { findProjects, workspaceLimits } from "../projects/workspaces.ts";

/**
 * What the policy says for a scan of a home: weights, hosts, acceptances, and projects under `workspaces`.
 * @throws SIGIL_RISK_WEIGHT_UNKNOWN
 */
export function riskPolicyOf(config: Config, { policy }: PolicyInForce, home: string) {
  const limits = workspaceLimits(policy.settings.projects);
  const context = {
    platform: config.platform,
    homes: [{ user: null, path: home }],
    env: config.env,
    projects: [],
  };
  const workspaces = policy.workspaces
    .flatMap(({ value }) => expandLiteral(value, context))
    .flatMap((workspace) => findProjects(workspace, limits).projects);
  const weights = Object.fromEntries(
    [...policy.rubricWeights].map(([key, { value }]) => [key, value]),
  );
  withWeights(RUBRIC, weights);
  return {
    weights,
    knownHosts: policy.knownHosts.map(({ value }) => value),
    accepted: policy.accepted.map(({ value }) => value),
    workspaces,
  };
}
