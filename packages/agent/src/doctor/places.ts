import { accessSync, constants, lstatSync } from "node:fs";
import { errnoOf, type EffectivePolicy, type PathKey, type Root } from "@sigil/core/plain";
import type { Config } from "../config.ts";
import { fsPath } from "../fs/keys.ts";
import { leadsNowhere } from "../fs/nowhere.ts";
import { homesOf } from "../machine.ts";
import { makePlan, type Plan } from "../policy/plan.ts";
import { walk, type Met } from "../sweep/walk.ts";
import { isTree } from "../watch/forest.ts";

/** How changes of a place are found. */
export type Watched = "directories" | "tree" | "polling";

/** One root of the plan and what is there. */
export interface Place {
  readonly root: Root;
  /** `present`: something the target means is there. `unknown`: nothing was found as far as was looked. */
  readonly state: "present" | "absent" | "unreadable" | "unknown";
  /** Files and links the root means; at least so many when not `complete`. */
  readonly matches: number;
  /** Directories looked into, which are those to watch. */
  readonly directories: number;
  readonly complete: boolean;
  readonly watched: Watched;
  /** What this user may not read, a few of them. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  readonly path: PathKey;
  readonly errno: string;
}

export interface PlaceLimits {
  /** Directory entries looked at for one root, and for all. */
  readonly perRoot: number;
  readonly total: number;
}

const UNREADABLE_KEPT = 8;

/** The plan that `sigil run` with this configuration would watch. */
export async function planHere(config: Config, policy: EffectivePolicy): Promise<Plan> {
  const { homes } = await homesOf(config);
  const privileged = process.geteuid?.() === 0 && config.mode === "system";
  const { platform, env } = config;
  return makePlan({ policy, platform, homes, env, privileged, scripts: [] });
}

/** Looks at every root of a plan, within limits; opens and changes nothing. */
export function inspectPlaces(plan: Plan, policy: EffectivePolicy, limits: PlaceLimits): Place[] {
  const { poll } = policy.settings.watch;
  const maxDepth = policy.settings.sweep.max_depth;
  let left = limits.total;
  return plan.roots.map((root) => {
    const maxEntries = Math.min(limits.perRoot, left);
    const seen = lookAt(root, plan, { maxEntries, maxDepth });
    left -= seen.met;
    const watched = poll ? "polling" : isTree(root) ? "tree" : "directories";
    return { root, watched, ...seen.place };
  });
}

type Seen = {
  readonly met: number;
  readonly place: Omit<Place, "root" | "watched">;
};

function lookAt(
  root: Root,
  plan: Plan,
  limits: { readonly maxEntries: number; readonly maxDepth: number },
): Seen {
  const base = baseOf(root.base);
  if (base.kind !== "there") return { met: 0, place: notThere(root, base) };
  const unreadable: Unreadable[] = [];
  let matches = 0;
  let directories = 0;
  let met = 0;
  let complete = limits.maxEntries > 0;
  const entry = (path: PathKey) => {
    met += 1;
    if (plan.matcher.match(path)?.roots.includes(root) !== true) return;
    matches += 1;
    const errno = errnoOfReading(path);
    if (errno !== null) unreadable.push({ path, errno });
  };
  const handle: { readonly [K in Met["kind"]]?: (one: Extract<Met, { kind: K }>) => void } = {
    entry: ({ path }) => entry(path),
    directory: () => (directories += 1),
    unreadable: ({ path, errno }) => unreadable.push({ path, errno }),
    truncated: () => (complete = false),
    too_deep: () => (complete = false),
    tick: () => (met += 1),
  };
  const walkLimits = { ...limits, linkOwners: plan.linkOwners(root) };
  if (complete)
    for (const one of walk(root, plan.matcher, walkLimits))
      (handle[one.kind] as ((of: Met) => void) | undefined)?.(one);
  // A directory that is the target itself is there, also when it is empty.
  const present = matches > 0 || root.pattern === null;
  const missing = unreadable.length > 0 ? "unreadable" : complete ? "absent" : "unknown";
  const state = present ? "present" : missing;
  const kept = unreadable.slice(0, UNREADABLE_KEPT);
  return { met, place: { state, matches, directories, complete, unreadable: kept } };
}

type Base = { readonly kind: "there" | "absent" } | { readonly kind: "denied"; errno: string };

function baseOf(path: string): Base {
  try {
    return { kind: lstatSync(path, { throwIfNoEntry: false }) ? "there" : "absent" };
  } catch (error) {
    const errno = errnoOf(error) ?? "unknown";
    return leadsNowhere(errno) ? { kind: "absent" } : { kind: "denied", errno };
  }
}

function notThere(root: Root, base: Base): Seen["place"] {
  const unreadable = base.kind === "denied" ? [{ path: root.base, errno: base.errno }] : [];
  const state = base.kind === "denied" ? "unreadable" : "absent";
  return { state, matches: 0, directories: 0, complete: true, unreadable };
}

/** Null when this user may read it, or when it leads nowhere. */
function errnoOfReading(path: PathKey): string | null {
  try {
    accessSync(fsPath(path), constants.R_OK);
    return null;
  } catch (error) {
    const errno = errnoOf(error);
    return errno === "EACCES" || errno === "EPERM" ? errno : null;
  }
}
