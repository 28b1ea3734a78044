import type { Assessment, EntryClosure, Reason } from "../model/assessment.ts";
import type { World } from "../model/world.ts";
import { clean } from "../redact.ts";
import { type Rubric, weighing } from "../rubric.ts";
import type { Command, FileContext, Hit } from "../rules/context.ts";
import { judge, type JudgePorts, type Judgement } from "../rules/judge.ts";
import { scoreOf } from "../score.ts";
import { controlsOf, guardedOf, hookIds } from "./controls.ts";
import type { AssessLimits } from "./limits.ts";
import { normalEntry } from "./normal.ts";
import { noticesOf } from "./notices.ts";
import { provenanceOf } from "./provenance.ts";
import { weigh } from "./reasons.ts";

export interface FilePorts {
  readonly rubric: Rubric;
  readonly limits: AssessLimits;
  readonly contentHash: string | null;
  readonly previous: readonly Reason[] | null;
  readonly judging: Omit<JudgePorts, "weightOf" | "habitBelow">;
}

/** One guard file's result: the rules' hits, weighed, scored and told. */
export function assessFile(file: FileContext, ports: FilePorts): Assessment {
  const { rubric, limits } = ports;
  const judgement = judge(file, {
    ...ports.judging,
    weightOf: ({ kind, variant }) => weighing(rubric, kind, variant).weight,
    habitBelow: rubric.habit_below,
  });
  const { reasons, omitted } = weigh(judgement.hits, rubric, ports.previous);
  const provenance = provenanceOf(file, rubric);
  const { score, band } = scoreOf(reasons, provenance.multiplier, rubric);
  const ids = hookIds(file.commands);
  const { surface, facts } = file;
  return {
    tool: surface.tool,
    scope: surface.scope,
    path: surface.path,
    realPath: facts.realPath,
    project: surface.project,
    executors: surface.executors,
    contentHash: ports.contentHash,
    ...hashes(file, judgement),
    scripts: scriptsOf(file),
    score,
    band,
    reasons,
    omitted,
    provenance,
    controls: controlsOf(file, judgement.guards).slice(0, limits.controls),
    notices: noticesOf(file, judgement.guards, limits.notices),
    guards: guardedOf(file, judgement.guards, ids),
    closures: closuresOf(file, judgement, ids),
  };
}

function scriptsOf({ commands }: FileContext): string[] {
  const all = commands.flatMap(({ closure: { scripts, folders } }) => [
    ...scripts.map(({ path }) => path),
    ...folders.map((folder) => `${folder}/`),
  ]);
  return [...new Set(all)].toSorted();
}

/** Texts and leaves count by what was found in them: a tool rewrites them all day. */
const BY_HITS: ReadonlySet<Hit["kind"]> = new Set(["embedded_secret", "instruction_directive"]);

function hashes(
  file: FileContext,
  { hits }: Judgement,
): Pick<Assessment, "modelHash" | "closureHash"> {
  const entries = file.entries
    .filter(({ kind }) => kind !== "text" && kind !== "instruction")
    .map(normalEntry);
  const found = hits
    .filter(({ kind }) => BY_HITS.has(kind))
    .map(({ kind, variant, payload }) =>
      JSON.stringify([kind, variant, payload["directive"] ?? payload["key"]]),
    );
  const modelHash = file.world.hash([...entries.toSorted(), "", ...found.toSorted()]);
  const parts = new Set(file.commands.flatMap(({ closure }) => closure.parts));
  return { modelHash, closureHash: file.world.hash([modelHash, ...[...parts].toSorted()]) };
}

function closuresOf(
  { commands, world }: FileContext,
  { guards }: Judgement,
  ids: ReadonlyMap<Command, string>,
): EntryClosure[] {
  return commands.flatMap((command): EntryClosure[] => {
    const { entry, closure } = command;
    const digest = digestOf(command, closure.parts, world);
    if (entry.kind === "server") return [{ kind: "server", id: clean(entry.name), digest }];
    const id = ids.get(command);
    return id === undefined ? [] : [{ kind: guards.has(command) ? "guard" : "hook", id, digest }];
  });
}

function digestOf({ entry }: Command, parts: readonly string[], world: World): string {
  return world.hash([normalEntry(entry), ...parts]);
}
