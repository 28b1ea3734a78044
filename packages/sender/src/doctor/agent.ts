import type { SenderStatus } from "../status.ts";
import { error, info, ok, warning, type Check } from "./check.ts";

/** The agent's control socket answers: policy can be handed over. */
export const agentCheck: Check = {
  id: "agent",
  title: "Agent",
  async run(facts) {
    const { controlPath } = await facts.config();
    const agent = await facts.agent();
    if (agent === null)
      return info(
        `none answers on ${controlPath}`,
        "`sigil run` starts it; policy waits until then",
      );
    return ok(`running, pid ${agent.pid}, version ${agent.version}, host ${agent.host_id}`);
  },
};

/** What became of signed policy. */
export const policyCheck: Check = {
  id: "policy",
  title: "Policy",
  async run(facts) {
    const { settings } = await facts.config();
    if (!settings.policy.enabled) return info("policy.enabled is false");
    const status = await facts.status();
    return status === null ? info("no sender has asked for it yet") : findingOf(status.policy);
  },
};

function findingOf(policy: SenderStatus["policy"]) {
  const { outcome, asked_at, answered_at, version, reason, detail } = policy;
  if (outcome === null)
    return info(asked_at === null ? "not asked for yet" : `the server had none at ${asked_at}`);
  const text = `version ${version ?? "unknown"}, the agent said ${outcome} at ${answered_at}`;
  if (outcome !== "rejected") return ok(text);
  const why = [reason, detail].filter((part) => part !== null).join(": ");
  // Without a trust root an agent takes no signed policy, which may be as it should be.
  if (reason === "no_trust_root")
    return warning(`${text} (${why})`, "install trust.json, or set policy.enabled: false");
  return error(`${text} (${why})`, "`sigil show policy` says more");
}
