import { heard, joined } from "./closure/answer.ts";
import { isExpectedAbsent } from "./closure/absent.ts";
import { languageOfRun, programText } from "./closure/command.ts";
import { folderOf, type Found, locate, scriptsLike } from "./closure/locate.ts";
import { exposure, misplaced, open, unscanned } from "./closure/script.ts";
import {
  type Closure,
  type ClosureContext,
  type Script,
  SILENT,
  type State,
} from "./closure/state.ts";
import { climbs, escapes } from "./closure/tree.ts";
import type {
  Answer,
  Behavior,
  Finding,
  ProgramContext,
  Readers,
  ScriptRun,
} from "./model/behavior.ts";
import type { Run } from "./model/entry.ts";
import { readProgram } from "./program.ts";

export {
  CLOSURE_LIMITS,
  type Closure,
  type ClosureContext,
  type ClosureLimits,
} from "./closure/state.ts";

/** Findings one closure keeps; a hostile script cannot make the list long. */
const FINDING_LIMIT = 256;

/** Reads what an entry runs, and every script that reaches, without running any of it (rubric §3). Never throws. */
export function closureOf(run: Run, ctx: ClosureContext, readers: Readers): Closure {
  const state = newState(ctx, readers);
  const text = programText(run, ctx.program.variables);
  const behavior = readProgram(languageOfRun(run), text, ctx.program, readers);
  state.behaviors.push(behavior);
  add(state, behavior.findings, null);
  const answer = follow(state, behavior, { path: null, text }, ctx.limits.scriptDepth);
  return finished(state, answer, behavior.incomplete);
}

/** The closure of what runs nothing: a prompt, a remote hook. */
export const EMPTY_CLOSURE: Closure = {
  findings: [],
  behaviors: [],
  answer: SILENT,
  scripts: [],
  folders: [],
  reached: [],
  escapes: [],
  texts: [],
  exposed: [],
  parts: [],
  incomplete: null,
};

function newState(ctx: ClosureContext, readers: Readers): State {
  return {
    ctx,
    readers,
    seen: new Map(),
    findings: [],
    behaviors: [],
    scripts: new Map(),
    folders: new Set(),
    reached: new Set(),
    escapes: [],
    texts: [],
    exposed: new Set(),
    parts: new Set(),
  };
}

function finished(state: State, answer: Answer, incomplete: Behavior["incomplete"]): Closure {
  for (const file of state.ctx.consulted()) remember(state, file);
  const { findings, behaviors, escapes: left, texts } = state;
  return {
    findings,
    behaviors,
    answer,
    scripts: [...state.scripts.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    folders: [...state.folders],
    reached: [...state.reached],
    escapes: left,
    texts,
    exposed: [...state.exposed],
    parts: [...state.parts].toSorted(),
    incomplete,
  };
}

function add(state: State, findings: readonly Finding[], script: string | null): void {
  for (const finding of findings) {
    if (state.findings.length >= FINDING_LIMIT) return;
    const named = script === null || "script_path" in finding.payload;
    state.findings.push(
      named ? finding : { ...finding, payload: { ...finding.payload, script_path: script } },
    );
  }
}

/** The program a run stands in; `path` null: the entry itself. */
interface Caller {
  readonly path: string | null;
  readonly text: string;
}

/** @returns the program's answer together with those of what it runs */
function follow(state: State, behavior: Behavior, caller: Caller, depth: number): Answer {
  const answers = behavior.runs
    .slice(0, FINDING_LIMIT)
    .map((run) => heard(enter(state, run, caller, depth), run));
  return joined(behavior.answer, answers);
}

function enter(state: State, run: ScriptRun, caller: Caller, depth: number): Answer {
  const { ctx, readers } = state;
  const taken = scriptsLike(run, ctx, readers.world);
  if (taken) {
    if (taken.folder !== null) state.folders.add(taken.folder);
    const answers = taken.runs.map((one) => heard(enter(state, one, caller, depth), one));
    return joined(SILENT, answers);
  }
  const from = caller.path === null ? null : folderOf(caller.path);
  const found = locate(run, from, ctx, readers.world);
  switch (found.kind) {
    case "program":
    case "module":
      return SILENT;
    case "unknown":
      state.reached.add(found.path);
      add(state, [unscanned(run, found.path, "path not known", false)], null);
      return SILENT;
    case "missing":
      state.reached.add(found.path);
      state.parts.add(`${found.path}\0missing`);
      miss(state, run, found.path, caller);
      return SILENT;
    case "file":
      return enterFile(state, run, found, depth);
  }
}

/** What is not there yet can be put there: in a temp folder by anyone. */
function miss(state: State, run: ScriptRun, path: string, { text }: Caller): void {
  const place = misplaced(run, path, state.ctx.program);
  if (place) add(state, [place], null);
  else if (!isExpectedAbsent(run, path, text))
    add(state, [unscanned(run, path, "missing", false)], null);
}

function enterFile(
  state: State,
  run: ScriptRun,
  { path, view, bare }: Extract<Found, { kind: "file" }>,
  depth: number,
): Answer {
  const { ctx } = state;
  const known = state.seen.get(path);
  if (known) return known;
  state.seen.set(path, SILENT);
  state.reached.add(path);
  if (view.kind === "read" || view.kind === "too_large") inspect(state, run, path, view.facts);
  if (!bare) add(state, [misplaced(run, path, ctx.program) ?? []].flat(), null);
  const opened = open(run, path, view, bare);
  if (opened.kind === "program") return SILENT;
  if (view.kind === "read")
    remember(state, { path, realPath: view.facts.realPath, digest: view.digest });
  else state.parts.add(`${path}\0${view.kind}`);
  if (opened.kind === "closed") {
    add(state, [unscanned(run, path, opened.why, opened.hidden)], null);
    return SILENT;
  }
  if (depth <= 0 || state.texts.length >= ctx.limits.scriptFiles) {
    const why = depth <= 0 ? "too deep" : "too many scripts";
    add(state, [unscanned(run, path, why, true)], null);
    return SILENT;
  }
  state.texts.push({ path, text: opened.text });
  const behavior = readProgram(
    opened.language,
    opened.text,
    within(ctx.program, run, path),
    state.readers,
  );
  state.behaviors.push(behavior);
  add(state, behavior.findings, path);
  if (behavior.incomplete !== null && behavior.incomplete !== "unparsable")
    add(state, [unscanned(run, path, behavior.incomplete.replace("_", " "), true)], null);
  const answer = follow(state, behavior, { path, text: opened.text }, depth - 1);
  state.seen.set(path, answer);
  return answer;
}

function remember(state: State, script: Script): void {
  state.scripts.set(script.path, script);
  state.parts.add(`${script.path}\0${script.digest}`);
}

function inspect(
  state: State,
  run: ScriptRun,
  path: string,
  facts: Parameters<typeof escapes>[1],
): void {
  const { ctx, readers } = state;
  if (escapes(path, facts, ctx.tree, readers.world) || climbs(run.path.text, path, ctx.tree))
    state.escapes.push({ path, target: facts.realPath });
  const why = exposure(path, facts);
  if (why !== null) state.exposed.add(why);
}

/** A script knows its own path and arguments; what its caller's stdin held it may read too. */
function within(program: ProgramContext, run: ScriptRun, path: string): ProgramContext {
  return { ...program, args: run.args, script: path };
}
