import type { Assessment, Band, Reason, ReasonKind } from "@sigil/risk";
import { hintOf } from "./hints.ts";
import { pathText } from "./home.ts";
import { cut, paint, wrap, type PageStyle } from "./paint.ts";
import { controlText, executorText, noticeText, payloadText, scoreText } from "./reason.ts";
import { countText } from "@sigil/cli";

export interface TableStyle extends PageStyle {
  /** Also every reason, control and notice, and files that score nothing. */
  readonly verbose: boolean;
}

/** Checked-in files of one tool and project, scored as if they were one (rubric §1). */
export interface TotalLine {
  readonly tool: string;
  readonly project: string;
  readonly score: number;
  readonly band: Band;
}

/** Kinds shown for a file unless all are wanted. */
const TOP = 3;

const BANDS: readonly Band[] = ["critical", "high", "medium", "low"];

/** The table of a scan: groups and files by highest score, under each file its heaviest reasons and what to do. */
export function renderAssessments(
  assessments: readonly Assessment[],
  totals: readonly TotalLine[],
  style: TableStyle,
): string[] {
  if (assessments.length === 0) return [];
  const columns = columnsOf(assessments);
  const head = ["SCORE", "BAND".padEnd(8), "TOOL".padEnd(columns.tool)];
  const lines = [`${head.join("  ")}  ${"SCOPE".padEnd(columns.scope)}  FILE`];
  for (const group of groupsOf(assessments)) {
    lines.push(...groupLines(group, columns, style), "");
  }
  return [...lines, ...summaryLines(assessments, totals, style)];
}

interface Columns {
  readonly tool: number;
  readonly scope: number;
}

function columnsOf(assessments: readonly Assessment[]): Columns {
  return {
    tool: widest(assessments.map(({ tool }) => tool)),
    scope: widest(assessments.map(({ scope }) => scope)),
  };
}

function widest(texts: readonly string[]): number {
  return Math.max("SCOPE".length, ...texts.map((text) => text.length));
}

/** By project; what belongs to none stands together. */
function groupsOf(assessments: readonly Assessment[]): Assessment[][] {
  const groups = new Map<string, Assessment[]>();
  for (const one of assessments) {
    const key = one.project ?? (one.scope === "managed" ? "\0managed" : "\0user");
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  const sorted = [...groups.values()].map((group) => group.toSorted(byScore));
  return sorted.toSorted((a, b) => (a[0] && b[0] ? byScore(a[0], b[0]) : 0));
}

function byScore(a: Assessment, b: Assessment): number {
  if (a.score !== b.score) return b.score - a.score;
  return a.path === b.path ? (a.tool < b.tool ? -1 : 1) : a.path < b.path ? -1 : 1;
}

function groupLines(group: readonly Assessment[], columns: Columns, style: TableStyle): string[] {
  const shown = style.verbose
    ? group
    : group.filter(({ reasons, score }) => reasons.length > 0 || score > 0);
  const lines = shown.flatMap((one) => [rowOf(one, columns, style), ...detailLines(one, style)]);
  const quiet = group.length - shown.length;
  if (quiet === 0) return lines;
  const where = group[0] ? placeText(group[0], style) : "";
  const more = shown.length === 0 ? "" : "more ";
  const text = `${countText(quiet, `${more}file`)} ${where} with nothing against ${quiet === 1 ? "it" : "them"}`;
  return [...lines, `${paint("  0.0  low", "low", style)}       ${text}`];
}

function placeText({ project, scope }: Assessment, style: TableStyle): string {
  if (project !== null) return `in ${pathText(project, style.home)}`;
  return scope === "managed" ? "of the administrator" : "of the user";
}

function rowOf(one: Assessment, columns: Columns, style: TableStyle): string {
  const score = paint(scoreText(one.score).padStart(5), one.band, style);
  const band = paint(one.band.padEnd(8), one.band, style);
  const file = paint(pathText(one.path, style.home), "strong", style);
  return `${score}  ${band}  ${one.tool.padEnd(columns.tool)}  ${one.scope.padEnd(columns.scope)}  ${file}`;
}

const INDENT = 7;
/** Where text starts behind a weight. */
const TEXT = INDENT + 5;

function detailLines(one: Assessment, style: TableStyle): string[] {
  const kinds = byKind(one.reasons);
  const shown = style.verbose ? kinds : kinds.slice(0, TOP);
  const lines = shown.flatMap((reasons) => kindLines(reasons, style));
  const left = kinds.slice(shown.length).flat().length;
  if (left > 0)
    lines.push(" ".repeat(INDENT) + paint(`+ ${countText(left, "more reason")}`, "dim", style));
  return [...lines, ...(style.verbose ? verboseLines(one, style) : [])];
}

/** The reasons of each kind, the kind with the heaviest first. */
function byKind(reasons: readonly Reason[]): Reason[][] {
  const kinds = new Map<ReasonKind, Reason[]>();
  for (const reason of reasons.toSorted((a, b) => b.weight - a.weight)) {
    const same = kinds.get(reason.kind);
    if (same) same.push(reason);
    else kinds.set(reason.kind, [reason]);
  }
  return [...kinds.values()];
}

function kindLines(reasons: readonly Reason[], style: TableStyle): string[] {
  const [first] = reasons;
  if (!first) return [];
  const hint = hintOf(first.kind);
  const listed = style.verbose ? reasons : [first];
  const lines = listed.map((reason) => {
    const more = style.verbose || reasons.length === 1 ? "" : ` (and ${reasons.length - 1} more)`;
    const text = [hint.title + more, payloadText(reason)].filter(Boolean).join(": ");
    return `${" ".repeat(INDENT)}${reason.weight.toFixed(2).replace(/0$/, "").padEnd(4)} ${cut(text, TEXT, style)}`;
  });
  const [advice = "", ...rest] = wrap(hint.lower, TEXT + 2, style);
  if (advice === "") return lines;
  const below = [`→ ${advice}`, ...rest.map((line) => `  ${line}`)];
  return [...lines, ...below.map((line) => " ".repeat(TEXT) + paint(line, "dim", style))];
}

function verboseLines(one: Assessment, style: TableStyle): string[] {
  const indent = " ".repeat(INDENT);
  const executors = one.executors.map((executor) => `also: ${executorText(executor)}`);
  return [
    ...executors.map((text) => indent + cut(text, INDENT, style)),
    ...one.controls.map(
      (control) =>
        indent + paint(cut(`on:   ${controlText(control)}`, INDENT, style), "good", style),
    ),
    ...one.notices.map((notice) => indent + cut(`note: ${noticeText(notice)}`, INDENT, style)),
  ];
}

function summaryLines(
  assessments: readonly Assessment[],
  totals: readonly TotalLine[],
  style: TableStyle,
): string[] {
  const bands = BANDS.map((band) => {
    const count = assessments.filter((one) => one.band === band).length;
    return count === 0 ? "" : paint(`${count} ${band}`, band, style);
  }).filter(Boolean);
  const files = new Set(assessments.map(({ path }) => path)).size;
  const sum = (of: (one: Assessment) => readonly unknown[]) =>
    assessments.reduce((total, one) => total + of(one).length, 0);
  const controls = countText(
    sum((one) => one.controls),
    "control",
  );
  const notices = countText(
    sum((one) => one.notices),
    "notice",
  );
  const listed = style.verbose ? "" : "; --verbose lists them";
  return [
    ...totalLines(assessments, totals, style),
    `${countText(files, "guard file")}: ${bands.join(", ")}; ${controls} on, ${notices}${listed}`,
    ...(assessments.every(({ score }) => score === 0)
      ? [
          "Nothing was found against them. That is what was looked for and not seen, not a good grade.",
        ]
      : ["`sigil explain FILE` shows the sum behind a score."]),
  ];
}

/** Only where the files together are in a worse band than each: a payload split over files must not hide. */
function totalLines(
  assessments: readonly Assessment[],
  totals: readonly TotalLine[],
  style: TableStyle,
): string[] {
  return totals
    .filter(({ tool, project, band }) =>
      assessments.every(
        (one) =>
          one.tool !== tool ||
          one.project !== project ||
          BANDS.indexOf(one.band) > BANDS.indexOf(band),
      ),
    )
    .map(({ tool, project, score, band }) => {
      const text = `${scoreText(score)} ${band}`;
      return `Together the checked-in files for ${tool} in ${pathText(project, style.home)} score ${paint(text, band, style)}`;
    });
}
