import { hintOf, print, printJson, wantsColor } from "@sigil/cli";
import { DOCTOR_CODES, examine, renderChecks, verdictOf } from "@sigil/cli/doctor";
import { CHECKS } from "../doctor/checks.ts";
import { gatherFacts } from "../doctor/facts.ts";
import type { CommandContext } from "./context.ts";
import { STYLE } from "./exit.ts";

export interface DoctorFlags {
  readonly json?: boolean;
}

/** `sigil-server doctor`: beside a running server or without one; changes nothing. */
export async function doctor({ config }: CommandContext, flags: DoctorFlags): Promise<number> {
  const results = await examine(gatherFacts(config), CHECKS, (error) => hintOf(error, STYLE));
  const status = verdictOf(results);
  if (flags.json) printJson({ status, checks: results });
  else for (const line of renderChecks(results, wantsColor(process.stdout))) print(line);
  return DOCTOR_CODES[status];
}
