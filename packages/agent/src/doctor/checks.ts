import { hintOf } from "../commands/exit.ts";
import { agentCheck } from "./agent.ts";
import { examine as runChecks, type CheckResult } from "@sigil/cli/doctor";
import type { Check } from "./check.ts";
import { clockCheck } from "./clock.ts";
import { diskCheck } from "./disk.ts";
import type { Facts } from "./facts.ts";
import { filesystemCheck } from "./filesystem.ts";
import { hasherCheck } from "./hasher.ts";
import { modesCheck } from "./modes.ts";
import { nodeCheck } from "./node.ts";
import { pathsCheck } from "./paths.ts";
import { policyCheck } from "./policy.ts";
import { serviceCheck } from "./service.ts";
import { signedCheck } from "./signed.ts";
import { spoolCheck } from "./spool.ts";
import { stateCheck } from "./state.ts";
import { sweepCheck } from "./sweep.ts";
import { watchesCheck } from "./watches.ts";

/** In the order they are shown. */
export const CHECKS: readonly Check[] = [
  policyCheck,
  signedCheck,
  pathsCheck,
  modesCheck,
  watchesCheck,
  filesystemCheck,
  diskCheck,
  spoolCheck,
  stateCheck,
  sweepCheck,
  clockCheck,
  agentCheck,
  serviceCheck,
  hasherCheck,
  nodeCheck,
];

/** Checks that cannot say anything while the policy does not load; the policy check tells why. */
const ON_POLICY: ReadonlySet<string> = new Set(["paths", "watch-limits"]);

/** Runs checks side by side. Never throws: a check that does is an error result. */
export function examine(facts: Facts, checks: readonly Check[] = CHECKS): Promise<CheckResult[]> {
  return runChecks(facts, checks, hintOf, async (id) =>
    ON_POLICY.has(id) && (await facts.policy().catch(() => null)) === null
      ? { status: "info", detail: "not known while the policy cannot be loaded" }
      : null,
  );
}
