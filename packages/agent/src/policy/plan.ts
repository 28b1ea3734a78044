import { statSync } from "node:fs";
import {
  createMatcher,
  expandLiteral,
  expandTargets,
  type EffectivePolicy,
  type ExpandContext,
  type Home,
  type Matcher,
  type Root,
  type SkippedPath,
  type Tier,
} from "@sigil/core/plain";
import { isBelow } from "../fs/keys.ts";
import { recordedProjects, together, type Recorded } from "../projects/records.ts";
import { findProjects, workspaceLimits } from "../projects/workspaces.ts";

/** The places a policy means on this host just now. Replaced whole when policy or projects change. */
export interface Plan {
  /** Targets of this system that are not disabled. */
  readonly targets: number;
  readonly roots: readonly Root[];
  readonly skipped: readonly SkippedPath[];
  /** The tier of a target that counts in `targets`, or of a script; null: the policy has no such target here. */
  tierOf(targetId: string): Tier | null;
  readonly matcher: Matcher;
  readonly platform: ExpandContext["platform"];
  readonly projects: readonly string[];
  /** Scripts that hooks reach, watched like critical targets. */
  readonly scripts: readonly string[];
  /** Workspace directories in which a new project may appear. */
  readonly looked: readonly string[];
  /** Workspaces and records with more projects, directories or entries than are looked at. */
  readonly cut: readonly string[];
  /** The owners a root's links may lead to; null: any (design §2: as root only to root and that home's user). */
  linkOwners(root: Root): ReadonlySet<number> | null;
  indexOf(root: Root): number;
}

export interface PlanInput {
  readonly policy: EffectivePolicy;
  readonly platform: ExpandContext["platform"];
  readonly homes: readonly Home[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when this process reads as root. */
  readonly privileged: boolean;
  /** Scripts that the hooks of guard files reach (rubric §3). */
  readonly scripts: readonly string[];
  /** What tools remember of projects; absent: it is read now, without a pause. */
  readonly recorded?: Recorded;
}

/** Stands in `target_id` of a script that no target of the policy means. */
export const SCRIPT_TARGET = "risk-hook-scripts";

export function makePlan(input: PlanInput): Plan {
  const base = { platform: input.platform, homes: input.homes, env: input.env };
  const { projects, looked, cut } = discover(input, { ...base, projects: [] });
  const expanded = expandTargets(input.policy.targets, { ...base, projects });
  const { skipped } = expanded;
  // Before all others: the last match gives the target's id, and a policy's own word is the better one.
  const roots = [...input.scripts.map(scriptRoot), ...expanded.roots];
  const index = new Map(roots.map((root, at) => [root, at]));
  const active = input.policy.targets.filter((target) => isActive(target, input.platform));
  const tiers = new Map<string, Tier>(active.map(({ id, tier }) => [id, tier]));
  tiers.set(SCRIPT_TARGET, "critical");
  return {
    targets: active.length,
    roots,
    skipped,
    tierOf: (targetId) => tiers.get(targetId) ?? null,
    matcher: createMatcher(roots, input.platform),
    platform: input.platform,
    projects,
    scripts: input.scripts,
    looked,
    cut,
    linkOwners: ownersOf(input),
    indexOf: (root) => index.get(root) ?? -1,
  };
}

/** A script is one literal place, whatever characters its name has; with a slash at its end, a folder of them. */
function scriptRoot(path: string): Root {
  return {
    targetId: SCRIPT_TARGET,
    tier: "critical",
    base: path.endsWith("/") ? path.slice(0, -1) : path,
    pattern: null,
    recursive: false,
    followSymlinks: true,
    exclude: [],
    user: null,
    project: null,
  };
}

function isActive(target: EffectivePolicy["targets"][number], platform: Plan["platform"]): boolean {
  return !target.disabled && (target.platform === "any" || target.platform === platform);
}

function discover(
  input: PlanInput,
  context: ExpandContext,
): Pick<Plan, "projects" | "looked" | "cut"> {
  const settings = input.policy.settings.projects;
  const limits = workspaceLimits(settings);
  const homes = new Set(input.homes.map((home) => home.path));
  const recorded =
    input.recorded ??
    together(
      settings.discover ? input.homes.map((home) => recordedProjects(home.path, limits)) : [],
    );
  const workspaces = input.policy.workspaces.flatMap(({ value }) => expandLiteral(value, context));
  const searches = workspaces.map((workspace) => {
    const linkOwners = input.privileged ? ownersFor(workspace, input.homes) : null;
    return { workspace, ...findProjects(workspace, { ...limits, linkOwners }) };
  });
  const all = new Set([...recorded.projects, ...searches.flatMap((search) => search.projects)]);
  // A home is user scope, not a project: its files have targets of their own.
  const found = [...all].filter((path) => !homes.has(path) && path !== "/");
  const cut = searches.filter((search) => search.cut).map(({ workspace }) => workspace);
  cut.push(...recorded.cut);
  if (found.length > limits.maxProjects) cut.push(`more than ${limits.maxProjects} projects`);
  return {
    projects: found.slice(0, limits.maxProjects),
    looked: searches.flatMap((search) => search.looked),
    cut,
  };
}

function ownersOf(input: PlanInput): Plan["linkOwners"] {
  if (!input.privileged) return () => null;
  const root = new Set([0]);
  const byUser = new Map<string | null, ReadonlySet<number>>();
  for (const home of input.homes) byUser.set(home.user, new Set([0, ownerOf(home.path) ?? 0]));
  return (of) => byUser.get(of.user) ?? root;
}

/** Whose directories a link in a workspace may lead root to: its own, and those of the user whose home it lies in. */
function ownersFor(workspace: string, homes: PlanInput["homes"]): ReadonlySet<number> {
  const home = homes.find(({ path }) => isBelow(workspace, path));
  return new Set([0, (home && ownerOf(home.path)) ?? 0]);
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
