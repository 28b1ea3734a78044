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
} from "@sigil/core";
import { recordedProjects } from "../projects/records.ts";
import { findProjects } from "../projects/workspaces.ts";

/** The places a policy means on this host just now. Replaced whole when policy or projects change. */
export interface Plan {
  readonly roots: readonly Root[];
  readonly skipped: readonly SkippedPath[];
  readonly matcher: Matcher;
  readonly platform: ExpandContext["platform"];
  readonly projects: readonly string[];
  /** Workspace directories in which a new project may appear. */
  readonly looked: readonly string[];
  /** By root index, the owners its links may lead to (design §2: as root only to root and that home's user). */
  readonly linkOwners: readonly (readonly number[] | null)[];
}

export interface PlanInput {
  readonly policy: EffectivePolicy;
  readonly platform: ExpandContext["platform"];
  readonly homes: readonly Home[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True when this process reads as root. */
  readonly privileged: boolean;
}

export function makePlan(input: PlanInput): Plan {
  const base = { platform: input.platform, homes: input.homes, env: input.env };
  const { projects, looked } = discover(input, { ...base, projects: [] });
  const { roots, skipped } = expandTargets(input.policy.targets, { ...base, projects });
  return {
    roots,
    skipped,
    matcher: createMatcher(roots, input.platform),
    platform: input.platform,
    projects,
    looked,
    linkOwners: ownersOf(roots, input),
  };
}

function discover(
  input: PlanInput,
  context: ExpandContext,
): { projects: string[]; looked: string[] } {
  const limits = input.policy.settings.projects;
  const homes = new Set(input.homes.map((home) => home.path));
  const recorded = limits.discover
    ? input.homes.flatMap((home) => recordedProjects(home.path))
    : [];
  const workspaces = input.policy.workspaces.flatMap(({ value }) => expandLiteral(value, context));
  const searches = workspaces.map((workspace) =>
    findProjects(workspace, { maxDepth: limits.max_depth, maxProjects: limits.max_projects }),
  );
  const all = new Set([...recorded, ...searches.flatMap((search) => search.projects)]);
  // A home is user scope, not a project: its files have targets of their own.
  const projects = [...all]
    .filter((path) => !homes.has(path) && path !== "/")
    .slice(0, limits.max_projects);
  return { projects, looked: searches.flatMap((search) => search.looked) };
}

function ownersOf(roots: readonly Root[], input: PlanInput): (readonly number[] | null)[] {
  if (!input.privileged) return roots.map(() => null);
  const uids = new Map(input.homes.map((home) => [home.user, ownerOf(home.path)]));
  return roots.map((root) => {
    const uid = uids.get(root.user);
    return uid === undefined || uid === null ? [0] : [0, uid];
  });
}

function ownerOf(path: string): number | null {
  try {
    return statSync(path).uid;
  } catch {
    return null;
  }
}
