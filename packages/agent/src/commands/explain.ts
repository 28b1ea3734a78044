import { EXIT, print, printJson, printable } from "@sigil/cli";
import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { RUBRIC } from "@sigil/baseline/rubric";
import { assessmentJson, scoreOf, type Assessment } from "@sigil/risk";
import { renderExplanation } from "../render/explain.ts";
import { projectsAround } from "../risk/projects.ts";
import { note, type CommandContext } from "./context.ts";
import { homeOf, pageStyle, scanFor } from "./risk.ts";

export interface ExplainFlags {
  readonly home?: string;
  readonly format: "text" | "json";
  readonly json?: boolean;
  readonly color: boolean;
}

/** `sigil explain PATH`. @throws SIGIL_USAGE_INVALID, SIGIL_POLICY_* */
export async function explain(
  context: CommandContext,
  path: string,
  flags: ExplainFlags,
): Promise<number> {
  const whose = homeOf(context, flags.home);
  const names = namesOf(path);
  const also = [...names].flatMap((name) => projectsAround(name, whose.home));
  const { result } = await scanFor(context, whose, { given: [], also: [...new Set(also)] });
  const own = result.assessments.filter((one) => names.has(one.path) || names.has(one.realPath));
  const reaching = result.assessments.filter((one) => one.scripts.some((name) => names.has(name)));
  const found = own.length > 0 ? own : reaching;
  if (flags.json || flags.format === "json") printJson(jsonOf(resolve(path), found));
  else showText(found, own.length === 0, path, pageStyle(whose.home, flags.color));
  if (found.length > 0) return EXIT.ok;
  note(refusal(path));
  return EXIT.negative;
}

/** A path as given and as its links resolve. */
function namesOf(path: string): ReadonlySet<string> {
  const absolute = resolve(path);
  try {
    return new Set([absolute, realpathSync.native(absolute)]);
  } catch {
    return new Set([absolute]);
  }
}

function refusal(path: string): string {
  const name = printable(path);
  return existsSync(path)
    ? `${name} is no guard file: no tool reads it, and no hook that was found reaches it`
    : `there is no file ${name}`;
}

function showText(
  found: readonly Assessment[],
  asScript: boolean,
  path: string,
  style: ReturnType<typeof pageStyle>,
): void {
  if (asScript && found.length > 0) {
    print(`${printable(path)} is no guard file itself; commands of these reach it:`);
    print("");
  }
  found.forEach((one, at) => {
    if (at > 0) print("");
    for (const line of renderExplanation(one, RUBRIC, style)) print(line);
  });
}

function jsonOf(path: string, found: readonly Assessment[]) {
  return {
    schema_version: 1,
    path,
    explanations: found.map((one) => ({ assessment: assessmentJson(one), sum: sumOf(one) })),
  };
}

function sumOf(one: Assessment) {
  const score = scoreOf(one.reasons, one.provenance.multiplier, RUBRIC);
  return {
    score: score.score,
    band: score.band,
    provenance_multiplier: score.multiplier,
    decay: RUBRIC.decay,
    habit_below: RUBRIC.habit_below,
    habit_cap: RUBRIC.habit_cap,
    heavy: score.heavy,
    habits: score.habits,
    habits_counted: score.habitsCounted,
    total: score.total,
    kinds: score.lines,
  };
}
