import { errorFactory, defineErrors } from "../error.ts";
import { endOfClass, expandBraces, MAX_ALTERNATIVES } from "./brace.ts";
import { anyName, compileSegment, type Fold, type SegmentTest } from "./segment.ts";

export const GLOB_ERRORS = defineErrors({
  SIGIL_POLICY_GLOB: {
    summary: "A glob uses something that is not supported, or stands for too many patterns.",
    hint: "Use *, **, ?, [a-z], {a,b}; write a literal parenthesis after *, + or ! as [(].",
  },
});
const fail = errorFactory(GLOB_ERRORS);

/** A compiled glob. Names are the folded components of a path below the glob's base; none means the base itself. */
export interface Glob {
  readonly test: (names: readonly string[]) => boolean;
  /** False when no path below the directory can match. */
  readonly mayHold: (directory: readonly string[]) => boolean;
  /** True only when every path below the directory matches. */
  readonly holdsAll: (directory: readonly string[]) => boolean;
}

const ANY_DEPTH = Symbol("**");
type Step = typeof ANY_DEPTH | SegmentTest;

/** Why a pattern cannot be a glob, or null. For people. */
export function globProblem(pattern: string): string | null {
  if (pattern.includes("\0")) return "a path holds no NUL character";
  if (hasRepeatedGroup(pattern)) return "*(…), +(…) and !(…) are not supported; use {a,b}";
  if (/\[[!^]?\[:/.test(pattern)) return "[[:class:]] is not supported; use ranges such as [a-z]";
  if (expandBraces(pattern) === null)
    return `the braces stand for more than ${MAX_ALTERNATIVES} patterns`;
  return null;
}

/**
 * Compiles a glob: `**` as a whole component spans any number of directories, none included; `*` and `?` match a
 * leading dot too. Components are tried one by one, so that time grows with pattern × path and never explodes.
 * @throws SigilError SIGIL_POLICY_GLOB for a pattern {@link globProblem} refuses
 */
export function compileGlob(pattern: string, fold: Fold): Glob {
  const problem = globProblem(pattern);
  if (problem !== null) throw fail("SIGIL_POLICY_GLOB", problem, { context: { pattern } });
  const alternatives = (expandBraces(pattern) ?? []).map((text) => stepsOf(text, fold));
  const some = (names: readonly string[], ask: (steps: readonly Step[], at: number) => boolean) =>
    alternatives.some((steps) => walk(steps, names).some((at) => ask(steps, at)));
  return {
    test: (names) => names.length > 0 && some(names, (steps, at) => at === steps.length),
    mayHold: (names) => some(names, (steps, at) => at < steps.length),
    holdsAll: (names) => some(names, (steps, at) => isEverything(steps.slice(at))),
  };
}

/** A glob as written, without the empty and `.` components that no path has: `a//b/./` means `a/b`. */
export function tidyGlob(pattern: string): string {
  const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
  return parts.join("/");
}

function stepsOf(text: string, fold: Fold): readonly Step[] {
  const steps: Step[] = [];
  for (const part of tidyGlob(text).split("/")) {
    if (part !== "**") steps.push(compileSegment(part, fold));
    else if (steps[steps.length - 1] !== ANY_DEPTH) steps.push(ANY_DEPTH);
  }
  return steps;
}

/** The positions in `steps` that can be reached by exactly these names. */
function walk(steps: readonly Step[], names: readonly string[]): readonly number[] {
  let reached = closure(steps, [0]);
  for (const name of names) {
    const next: number[] = [];
    for (const at of reached) {
      const step = steps[at];
      if (step === undefined) continue;
      if (step === ANY_DEPTH) next.push(at);
      else if (step(name)) next.push(at + 1);
    }
    if (next.length === 0) return next;
    reached = closure(steps, next);
  }
  return reached;
}

/** `**` may be left at once. */
function closure(steps: readonly Step[], positions: readonly number[]): readonly number[] {
  const all = new Set<number>();
  for (const position of positions) {
    all.add(position);
    if (steps[position] === ANY_DEPTH) all.add(position + 1);
  }
  return [...all];
}

/** True when what is left of the steps accepts every name and all below it. */
function isEverything(rest: readonly Step[]): boolean {
  const names = rest.filter((step) => step !== ANY_DEPTH);
  return rest.length > names.length && names.length <= 1 && names.every((step) => step === anyName);
}

function hasRepeatedGroup(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === "\\") index += 1;
    else if (char === "[") index = (endOfClass(text, index) ?? index + 1) - 1;
    else if (text[index + 1] === "(" && (char === "*" || char === "+" || char === "!")) return true;
  }
  return false;
}
