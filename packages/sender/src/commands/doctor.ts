import { print, printJson, wantsColor } from "@sigil/cli";
import { DOCTOR_CODES, renderChecks, verdictOf } from "@sigil/cli/doctor";
import { examine } from "../doctor/checks.ts";
import { gatherFacts } from "../doctor/facts.ts";
import type { CommandContext } from "./context.ts";

export type DoctorFlags = { readonly json?: boolean };

/** `sigil-sender doctor`: needs no running sender, sends no event, changes nothing. */
export async function doctor(context: CommandContext, flags: DoctorFlags): Promise<number> {
  const results = await examine(gatherFacts(context));
  const status = verdictOf(results);
  if (flags.json) printJson({ status, checks: results });
  else for (const line of renderChecks(results, wantsColor(process.stdout))) print(line);
  return DOCTOR_CODES[status];
}
