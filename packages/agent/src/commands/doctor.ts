import { renderChecks, verdictOf } from "@sigil/cli/doctor";
import { print, printJson, wantsColor } from "@sigil/cli";
import { examine } from "../doctor/checks.ts";
import { gatherFacts } from "../doctor/facts.ts";
import type { CommandContext } from "./context.ts";

export interface DoctorFlags {
  readonly json?: boolean;
}

/** Its own exit codes (design §5). */
const CODES = { ok: 0, warning: 1, error: 2 } as const;

/** `sigil doctor`: needs no running agent, changes nothing. */
export async function doctor(context: CommandContext, flags: DoctorFlags): Promise<number> {
  const results = await examine(gatherFacts(context.config, context.policyRequired));
  const status = verdictOf(results);
  if (flags.json) printJson({ status, checks: results });
  else for (const line of renderChecks(results, wantsColor(process.stdout))) print(line);
  return CODES[status];
}
