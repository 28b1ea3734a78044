import { EXIT, print, printJson, durationText } from "@sigil/cli";
import { assessmentJson } from "@sigil/risk";
import { fail } from "../../errors.ts";
import { renderAssessments } from "../../render/assessments.ts";
import { latestAssessments, type StoredAssessment } from "../../state/assessments.ts";
import { note, type CommandContext } from "../context.ts";
import { pageStyle } from "../risk.ts";

export interface RiskFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `sigil show risk`. @throws SIGIL_STATE_*, SIGIL_CONTROL_UNREACHABLE when no agent ever ran here */
export async function showRisk({ config }: CommandContext, flags: RiskFlags): Promise<number> {
  const stored = latestAssessments(config.paths.state);
  if (stored === null)
    throw fail("SIGIL_CONTROL_UNREACHABLE", "no agent has assessed anything here yet", {
      hint: "start one with `sigil run`; `sigil scan` needs none",
    });
  if (flags.json) printJson(jsonOf(stored));
  else showTable(stored, { ...pageStyle(config.home, true), verbose: flags.verbose === true });
  return EXIT.ok;
}

function jsonOf(stored: readonly StoredAssessment[]) {
  return {
    schema_version: 1,
    assessments: stored.map(({ assessment, at }) => ({
      ...assessmentJson(assessment),
      told_at: new Date(at).toISOString(),
    })),
  };
}

function showTable(
  stored: readonly StoredAssessment[],
  style: Parameters<typeof renderAssessments>[2],
): void {
  if (stored.length === 0) {
    print(
      "The agent has found no guard file. That is not a good grade: there was nothing to look at.",
    );
    return;
  }
  const assessments = stored.map(({ assessment }) => assessment);
  for (const line of renderAssessments(assessments, [], style)) print(line);
  const newest = Math.max(...stored.map(({ at }) => at));
  note(`told by the agent; the last of it ${durationText((Date.now() - newest) / 1000)} ago`);
}
