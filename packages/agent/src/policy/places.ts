import type { EffectivePolicy } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { Config } from "../config.ts";
import { homesOf } from "../machine.ts";
import { recordedBeside } from "../projects/records.ts";
import { workspaceLimits } from "../projects/workspaces.ts";
import { makePlan, type Plan } from "./plan.ts";

/** The plan of a policy for the homes this host has just now. @param scripts the scripts that hooks reach by then */
export async function planHere(
  { config, log }: { readonly config: Config; readonly log: Log },
  policy: EffectivePolicy,
  scripts: () => readonly string[],
): Promise<Plan> {
  const { homes, problems } = await homesOf(config);
  for (const problem of problems) log.warn(problem);
  const privileged = process.geteuid?.() === 0 && config.mode === "system";
  const { platform, env } = config;
  const { projects } = policy.settings;
  const asked = projects.discover ? homes.map(({ path }) => path) : [];
  const recorded = await recordedBeside(asked, workspaceLimits(projects));
  return makePlan({ policy, platform, homes, env, privileged, recorded, scripts: scripts() });
}

/** True when both watch the same places of the same policy. */
export function samePlaces(a: Plan, b: Plan): boolean {
  return same(a.projects, b.projects) && same(a.scripts, b.scripts);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
