import { messageOf, SigilError } from "@sigil/core/plain";
import { hintOf } from "../commands/exit.ts";
import { agentCheck } from "./agent.ts";
import type { Check, CheckResult, CheckStatus, Finding } from "./check.ts";
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
import { spoolCheck } from "./spool.ts";
import { stateCheck } from "./state.ts";
import { sweepCheck } from "./sweep.ts";
import { watchesCheck } from "./watches.ts";

/** In the order they are shown. */
export const CHECKS: readonly Check[] = [
  policyCheck,
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
export async function examine(
  facts: Facts,
  checks: readonly Check[] = CHECKS,
): Promise<CheckResult[]> {
  const results = await Promise.all(checks.map((check) => runOne(check, facts)));
  return results.flat();
}

async function runOne(check: Check, facts: Facts): Promise<CheckResult[]> {
  try {
    const found = await check.run(facts);
    const findings: readonly Finding[] = Array.isArray(found) ? found : [found as Finding];
    return findings.map((one) => ({ id: check.id, title: check.title, ...one }));
  } catch (error) {
    return [{ id: check.id, title: check.title, ...(await ofError(check, error, facts)) }];
  }
}

async function ofError(check: Check, error: unknown, facts: Facts): Promise<Finding> {
  if (ON_POLICY.has(check.id) && (await facts.policy().catch(() => null)) === null)
    return { status: "info", detail: "not known while the policy cannot be loaded" };
  const code = error instanceof SigilError ? ` [${error.code}]` : "";
  const hint = hintOf(error);
  const detail = `${messageOf(error)}${code}`;
  return { status: "error", detail, ...(hint === undefined ? {} : { hint }) };
}

const ORDER: readonly CheckStatus[] = ["ok", "info", "warning", "error"];

/** The worst of all; information is fine. */
export function verdictOf(results: readonly CheckResult[]): "ok" | "warning" | "error" {
  const worst = Math.max(0, ...results.map((result) => ORDER.indexOf(result.status)));
  return worst <= 1 ? "ok" : worst === 2 ? "warning" : "error";
}
