import { scoreOf, type Assessment, type Reason, type Rubric, type Score } from "@sigil/risk";
import { hintOf } from "./hints.ts";
import { pathText } from "./home.ts";
import { cut, paint, wrap, type PageStyle } from "./paint.ts";
import { controlText, executorText, noticeText, payloadText, scoreText } from "./reason.ts";
import { alignColumns } from "@sigil/cli";

/** The sum behind one file's score, line by line (rubric §1). */
export function renderExplanation(
  one: Assessment,
  rubric: Rubric,
  style: PageStyle,
): readonly string[] {
  const score = scoreOf(one.reasons, one.provenance.multiplier, rubric);
  return [
    paint(pathText(one.path, style.home), "strong", style),
    ...indented([headText(one, style), ...placeLines(one, style)]),
    ...section("Reasons", reasonLines(one.reasons, style), style),
    ...section("Sum", sumLines(one, score, rubric, style), style),
    ...section(
      "Controls that are on",
      one.controls.map((control) => paint(controlText(control), "good", style)),
      style,
    ),
    ...section("Notices", one.notices.map(noticeText), style),
    ...section(
      "Scripts its commands reach",
      one.scripts.map((path) => pathText(path, style.home)),
      style,
    ),
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function section(title: string, lines: readonly string[], style: PageStyle): string[] {
  return lines.length === 0 ? [] : ["", paint(title, "strong", style), ...indented(lines)];
}

function headText(one: Assessment, style: PageStyle): string {
  const score = paint(`${scoreText(one.score)} ${one.band}`, one.band, style);
  return `${one.tool} · ${one.scope} · ${score}`;
}

function placeLines(one: Assessment, style: PageStyle): string[] {
  const home = style.home;
  return [
    ...(one.project === null ? [] : [`project ${pathText(one.project, home)}`]),
    ...(one.realPath === one.path ? [] : [`leads to ${pathText(one.realPath, home)}`]),
    ...one.executors.map((executor) => `also run by ${executorText(executor)}`),
  ];
}

/** Width of `4.00  `: what a reason's text stands behind. */
const BEHIND_WEIGHT = 6;

function reasonLines(reasons: readonly Reason[], style: PageStyle): string[] {
  if (reasons.length === 0) return ["none: nothing was found that weighs"];
  return reasons.toSorted((a, b) => b.weight - a.weight).flatMap((one) => reasonText(one, style));
}

function reasonText(reason: Reason, style: PageStyle): string[] {
  const { title, meaning, lower } = hintOf(reason.kind);
  const what = [title, payloadText(reason)].filter(Boolean).join(": ");
  const below = " ".repeat(BEHIND_WEIGHT);
  const prose = [meaning, ...(lower === "" ? [] : [`→ ${lower}`])];
  return [
    `${number(reason.weight)}  ${reason.kind} (${reason.factor})`,
    below + cut(what, BEHIND_WEIGHT + 2, style),
    ...prose
      .flatMap((text) => wrap(text, BEHIND_WEIGHT + 2, style))
      .map((line) => below + paint(line, "dim", style)),
  ];
}

function sumLines(one: Assessment, score: Score, rubric: Rubric, style: PageStyle): string[] {
  const terms = score.lines.flatMap(({ kind, terms: shares }) =>
    shares.map(({ weight, index, share, habit }, at) => [
      at === 0 ? kind : "",
      `${number(weight)} × ${number(rubric.decay)}^${index}`,
      `= ${exact(share)}`,
      habit ? "H" : "A",
    ]),
  );
  const omitted = Object.entries(one.omitted)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} more of ${kind} are not counted`);
  return [
    ...alignColumns(terms),
    ...omitted,
    ...(terms.length === 0 ? [] : [""]),
    ...alignColumns(totals(one, score, rubric)),
    ...one.provenance.why.map((why) => `provenance: ${why}`),
    "",
    paint(`${scoreText(score.score)} ${score.band}`, score.band, style) + rangeText(score, rubric),
  ];
}

function totals({ provenance }: Assessment, score: Score, rubric: Rubric): string[][] {
  const { multiplier } = provenance;
  const shares = (habit: boolean) =>
    score.lines
      .flatMap(({ terms }) => terms)
      .filter((term) => term.habit === habit)
      .reduce((sum, { share }) => sum + share, 0);
  const times = (habit: boolean) => `${exact(shares(habit))} × ${number(multiplier)}`;
  const below = number(rubric.habit_below);
  const capped =
    score.habitsCounted < score.habits ? `, counted ${exact(score.habitsCounted)}` : "";
  return [
    [`A: weights from ${below}, × provenance`, times(false), `= ${exact(score.heavy)}`],
    [
      `H: weights below ${below}, × provenance, at most ${number(rubric.habit_cap)}`,
      times(true),
      `= ${exact(score.habits)}${capped}`,
    ],
    ["A + H, rounded half up, at most 10", exact(score.total), `= ${scoreText(score.score)}`],
  ];
}

function rangeText({ band }: Score, { bands }: Rubric): string {
  const ranges = {
    low: `below ${bands.medium}`,
    medium: `from ${bands.medium}`,
    high: `from ${bands.high}`,
    critical: `from ${bands.critical}`,
  };
  return ` (${band} is ${ranges[band]})`;
}

function number(value: number): string {
  return value.toFixed(2);
}

/** As many decimals as there are, at least two. */
function exact(value: number): string {
  const text = String(Math.round(value * 1e6) / 1e6);
  return text.includes(".") && (text.split(".")[1] ?? "").length >= 2 ? text : value.toFixed(2);
}
