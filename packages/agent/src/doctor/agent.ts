import { errnoOf, messageOf } from "@sigil/core/plain";
import type { AgentStatus, Condition } from "../health/status.ts";
import { durationText } from "@sigil/cli";
import { VERSION } from "../version.ts";
import { error, info, ok, warning, type Check, type Finding } from "./check.ts";

/** Whether an agent runs, and what it says is not as it should be. */
export const agentCheck: Check = {
  id: "agent",
  title: "Agent",
  async run(facts) {
    try {
      const status = await facts.status();
      return [running(status), ...status.conditions.map(ofCondition)];
    } catch (failure) {
      if (errnoOf(failure) !== "SIGIL_CONTROL_UNREACHABLE") throw failure;
      return info(`not running: ${messageOf(failure)}`, "`sigil run` starts it");
    }
  },
};

function running(status: AgentStatus): Finding {
  const text = `running, pid ${status.pid}, version ${status.version}, up ${durationText(status.uptime_s)}`;
  if (status.version === VERSION) return ok(text);
  return warning(`${text}; installed is ${VERSION}`, "restart it");
}

function ofCondition({ severity, title, detail, code }: Condition): Finding {
  const text = `${title} ${detail} (${code})`;
  if (severity === "info") return info(text);
  return severity === "warn" ? warning(text) : error(text);
}
