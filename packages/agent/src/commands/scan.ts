import { EXIT, print, printJson, countText } from "@sigil/cli";
import { resolve } from "node:path";
import { assessmentJson, toJson, type Assessment, type Band } from "@sigil/risk";
import { speak } from "@sigil/risk/speak";
import { renderAssessments, type TotalLine } from "../render/assessments.ts";
import { pathText } from "../render/home.ts";
import { toSarif } from "../render/sarif.ts";
import { note, type CommandContext } from "./context.ts";
import { existing, homeOf, pageStyle, scanFor, type Scanned } from "./risk.ts";

export interface ScanFlags {
  readonly home?: string;
  readonly project: readonly string[];
  readonly format: "table" | "json" | "jsonl" | "sarif";
  readonly json?: boolean;
  readonly failOn?: Band;
  readonly verbose?: boolean;
  readonly color: boolean;
}

const BANDS: readonly Band[] = ["low", "medium", "high", "critical"];

/** `sigil scan`. @throws SIGIL_USAGE_INVALID, SIGIL_POLICY_* */
export async function scan(context: CommandContext, flags: ScanFlags): Promise<number> {
  const whose = homeOf(context, flags.home);
  const given = flags.project.map((path) => existing(resolve(path), "project"));
  const scanned = await scanFor(context, whose, { given });
  show(scanned, flags);
  return flags.failOn !== undefined && fails(scanned, flags.failOn) ? EXIT.negative : EXIT.ok;
}

function show(scanned: Scanned, flags: ScanFlags): void {
  const { result } = scanned;
  switch (flags.json ? "json" : flags.format) {
    case "json":
      return printJson(toJson(result));
    case "jsonl":
      return result.assessments.forEach((one) => print(JSON.stringify(assessmentJson(one))));
    case "sarif":
      return printJson(toSarif(result.assessments));
    case "table":
      return showTable(scanned, flags);
  }
}

function showTable(scanned: Scanned, flags: ScanFlags): void {
  const { result, home, projects } = scanned;
  if (result.assessments.length === 0) {
    const where = `${pathText(home, home)} (${home}) and ${countText(projects.length, "project")}`;
    print(`No guard file was found in ${where}.`);
    print(
      "That is not a good grade: there was nothing to look at. --home and --project name more.",
    );
    return;
  }
  const style = { ...pageStyle(home, flags.color), verbose: flags.verbose === true };
  for (const line of renderAssessments(result.assessments, totalsOf(scanned), style)) print(line);
  const accepted = result.assessments.filter((one) => isAccepted(one, scanned));
  if (accepted.length > 0)
    note(`the policy accepts ${countText(accepted.length, "file")} as scored here`);
}

function totalsOf({ result }: Scanned): readonly TotalLine[] {
  return result.summary.projects;
}

/** What an operator accepted is scored and shown, and fails nothing; together, files are accepted by no one. */
function fails(scanned: Scanned, failOn: Band): boolean {
  const least = BANDS.indexOf(failOn);
  const { assessments } = scanned.result;
  const judged = assessments.filter((one) => !isAccepted(one, scanned));
  if (judged.length < assessments.length) return judged.some((one) => reaches(one, least));
  return [...judged, ...totalsOf(scanned)].some((one) => reaches(one, least));
}

function reaches({ band }: { readonly band: Band }, least: number): boolean {
  return BANDS.indexOf(band) >= least;
}

function isAccepted(one: Assessment, { accepted }: Scanned): boolean {
  if (accepted.length === 0) return false;
  const now = Date.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const never = { previous: null, past: [], reattestMs: 0, rememberMs: 0 };
  return (speak(one, { ...never, accepted, now, today })?.accepted ?? null) !== null;
}
