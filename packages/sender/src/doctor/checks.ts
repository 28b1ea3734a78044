import { hintOf } from "@sigil/cli";
import { examine as runChecks, type CheckResult } from "@sigil/cli/doctor";
import { plainest, STYLE } from "../commands/exit.ts";
import { agentCheck, policyCheck } from "./agent.ts";
import { authorityCheck, certificateCheck } from "./certificate.ts";
import type { Check } from "./check.ts";
import { configCheck } from "./config.ts";
import type { Facts } from "./facts.ts";
import { modesCheck } from "./modes.ts";
import { senderCheck } from "./sender.ts";
import { clockCheck, proxyCheck, serverCheck } from "./server.ts";
import { spoolCheck } from "./spool.ts";

/** In the order they are shown. */
const CHECKS: readonly Check[] = [
  configCheck,
  certificateCheck,
  authorityCheck,
  proxyCheck,
  serverCheck,
  clockCheck,
  spoolCheck,
  modesCheck,
  senderCheck,
  agentCheck,
  policyCheck,
];

/** Without a configuration no other check can say anything; this one tells why. */
const CONFIG = configCheck.id;
/** Checks that need a server to be named. */
const ON_SERVER: ReadonlySet<string> = new Set(["proxy", "server", "clock"]);
/** Checks that need certificate, key and authority; the certificate's check tells what is wrong with them. */
const ON_MATERIAL: ReadonlySet<string> = new Set(["authority", "server", "clock"]);

function hintFor(error: unknown): string | undefined {
  return hintOf(plainest(error), STYLE);
}

/** Runs checks side by side. Never throws: a check that does is an error result. */
export function examine(facts: Facts, checks: readonly Check[] = CHECKS): Promise<CheckResult[]> {
  return runChecks(facts, checks, hintFor, async (id) => {
    const config = await facts.config().catch(() => null);
    if (config === null && id !== CONFIG)
      return { status: "info", detail: "not known while the configuration cannot be read" };
    if (ON_SERVER.has(id) && config?.server === null)
      return { status: "info", detail: "not known while no server is configured" };
    if (ON_MATERIAL.has(id) && (await facts.material().catch(() => null)) === null)
      return { status: "info", detail: "not known without certificate, key and authority" };
    return null;
  });
}
