import { foldFor } from "./fold.ts";
import { globProblem, tidyGlob } from "./glob.ts";
import type { EffectiveTarget } from "./merge.ts";
import type { Tier } from "./target.ts";
import { cleanBase, fillTokens, hasToken, tokenNames, withoutTokens } from "./token.ts";

/** Whose home `~` means: in user mode one, in system mode each local account. */
export interface Home {
  readonly user: string | null;
  readonly path: string;
}

export interface ExpandContext {
  readonly platform: "linux" | "macos" | "windows";
  readonly homes: readonly Home[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Project directories, for `$SIGIL_PROJECT`. */
  readonly projects: readonly string[];
}

/**
 * One place on disk a target means. `base` is literal: nothing in it is a wildcard, whatever it was expanded from.
 * `pattern` is a glob below it, or null when the target is `base` itself.
 */
export interface Root {
  readonly targetId: string;
  readonly tier: Tier;
  readonly base: string;
  readonly pattern: string | null;
  /** Directories stand for everything below them. */
  readonly recursive: boolean;
  readonly followSymlinks: boolean;
  readonly exclude: readonly Exclude[];
  readonly user: string | null;
  readonly project: string | null;
}

export interface Exclude {
  /** Literal directory the pattern hangs from; null: the root's base. */
  readonly base: string | null;
  readonly pattern: string;
}

/** A path that means nothing on this host just now, and why. */
export interface SkippedPath {
  readonly targetId: string;
  readonly pattern: string;
  readonly why:
    | "unset_variable"
    | "not_absolute"
    | "variable_after_wildcard"
    | "parent_reference"
    | "unsupported_glob";
  readonly detail: string;
}

export interface Expansion {
  readonly roots: readonly Root[];
  readonly skipped: readonly SkippedPath[];
}

/** Expands the enabled targets of this platform into roots, in match order. Pure: nothing is looked up on disk. */
export function expandTargets(
  targets: readonly EffectiveTarget[],
  context: ExpandContext,
): Expansion {
  const roots = new Map<string, Root>();
  const skipped: SkippedPath[] = [];
  for (const target of targets) {
    if (target.disabled || !appliesTo(target, context.platform)) continue;
    const exclude = target.exclude.flatMap((pattern) => excludesOf(pattern, context));
    for (const pattern of target.paths) {
      for (const place of expandPattern(pattern, context)) {
        if ("why" in place) skipped.push({ targetId: target.id, pattern, ...place });
        else {
          const root = rootOf(target, place, excludesAt(place.base, exclude, context));
          // Two spellings of one place: the first wins, `~` before a variable that points to the same.
          if (!roots.has(rootId(root))) roots.set(rootId(root), root);
        }
      }
    }
  }
  return { roots: [...roots.values()], skipped };
}

/** Names a root across restarts: the state database remembers which roots it has a baseline of. */
export function rootId(root: Pick<Root, "targetId" | "base" | "pattern">): string {
  return `${root.targetId}\u0000${root.base}\u0000${root.pattern ?? ""}`;
}

/** Expands one token path, such as a workspace, to literal paths; wildcards are not allowed. */
export function expandLiteral(pattern: string, context: ExpandContext): readonly string[] {
  return expandPattern(pattern, context).flatMap((place) =>
    "base" in place && place.pattern === null ? [place.base] : [],
  );
}

function appliesTo(target: EffectiveTarget, platform: ExpandContext["platform"]): boolean {
  return target.platform === "any" || target.platform === platform;
}

interface Place {
  readonly base: string;
  readonly pattern: string | null;
  readonly home: Home | null;
  readonly project: string | null;
}
type NoPlace = Pick<SkippedPath, "why" | "detail">;

/** Wildcards, and groups the glob grammar knows or refuses; `(`, `!`, `+`, `@` alone are common in file names. */
const GLOB = /[*?[{]|[!+@]\(/;

function expandPattern(pattern: string, context: ExpandContext): (Place | NoPlace)[] {
  const text = context.platform === "windows" ? pattern.replaceAll("\\", "/") : pattern;
  const segments = text.split("/");
  // The braces of `${VAR}` are no wildcard.
  const cut = segments.findIndex((segment) => GLOB.test(withoutTokens(segment)));
  // Its slash stays with the head: `/*` hangs from `/`.
  const head =
    cut < 0
      ? text
      : segments
          .slice(0, cut)
          .concat(cut > 0 ? "" : [])
          .join("/");
  const tail = cut < 0 ? "" : tidyGlob(segments.slice(cut).join("/"));
  const problem = globProblem(tail);
  if (problem !== null) return [{ why: "unsupported_glob", detail: problem }];
  if (hasToken(tail)) return [{ why: "variable_after_wildcard", detail: tail }];
  if (segments.includes("..")) return [{ why: "parent_reference", detail: pattern }];
  return heads(head, context).map((place) => {
    if ("why" in place) return place;
    const base = cleanBase(place.base, context.platform);
    if (base === null) return { why: "not_absolute", detail: place.base };
    // A variable brought it in: where it leads is for the file system to say, not for text.
    if (base.split(/[\\/]/).includes("..")) return { why: "parent_reference", detail: place.base };
    return { ...place, base, pattern: tail === "" ? null : tail };
  });
}

type Head = Omit<Place, "pattern">;

const HOME_NAMES = new Set(["HOME", "USERPROFILE"]);

function heads(head: string, context: ExpandContext): (Head | NoPlace)[] {
  const tilde = head === "~" || head.startsWith("~/");
  const names = tokenNames(head, context.platform);
  const wantsHome = tilde || names.some((name) => HOME_NAMES.has(name));
  const wantsProject = names.includes("SIGIL_PROJECT");
  const homes: readonly (Home | null)[] = wantsHome ? context.homes : [null];
  const projects: readonly (string | null)[] = wantsProject ? context.projects : [null];
  return homes.flatMap((home) =>
    projects.map((project): Head | NoPlace => {
      const variables = { ...homeVariables(home), SIGIL_PROJECT: project ?? "" };
      const rest = fillTokens(tilde ? head.slice(1) : head, variables, context);
      if (typeof rest !== "string") return { why: "unset_variable", detail: rest.unset };
      if (!tilde) return { base: rest, home, project };
      // An account without a home must not turn `~/x` into `/x`.
      if (!home || home.path === "") return { why: "unset_variable", detail: "~" };
      return { base: home.path + rest, home, project };
    }),
  );
}

function homeVariables(home: Home | null): Record<string, string> {
  return home ? { HOME: home.path, USERPROFILE: home.path } : {};
}

function rootOf(target: EffectiveTarget, place: Place, exclude: readonly Exclude[]): Root {
  return {
    targetId: target.id,
    tier: target.tier,
    base: place.base,
    pattern: place.pattern,
    recursive: target.recursive,
    followSymlinks: target.follow_symlinks,
    exclude,
    user: place.home?.user ?? null,
    project: place.project,
  };
}

function excludesOf(pattern: string, context: ExpandContext): Exclude[] {
  const windows = context.platform === "windows";
  const text = windows ? pattern.replaceAll("\\", "/") : pattern;
  const absolute = /^(?:~$|~\/|\/|[A-Za-z]:\/)/.test(text) || hasToken(text);
  if (!absolute) {
    const relative = tidyGlob(text);
    return relative === "" || globProblem(relative) !== null
      ? []
      : [{ base: null, pattern: relative }];
  }
  return expandPattern(pattern, context).flatMap((place) =>
    "why" in place ? [] : [{ base: place.base, pattern: place.pattern ?? "" }],
  );
}

/** The excludes that can meet a path below `base`: with hundreds of projects each root keeps its own few. */
function excludesAt(
  base: string,
  excludes: readonly Exclude[],
  context: ExpandContext,
): readonly Exclude[] {
  const fold = foldFor(context.platform);
  const here = `${fold(base)}/`.replaceAll("\\", "/");
  return excludes.filter((exclude) => {
    if (exclude.base === null) return true;
    const there = `${fold(exclude.base)}/`.replaceAll("\\", "/");
    return here.startsWith(there) || there.startsWith(here);
  });
}

/** Quotes a literal name for use inside a glob, on every platform. */
export function escapeGlob(name: string): string {
  return name.replace(/[*?[{}(),|$%~]/g, "[$&]").replaceAll("\\", "[\\\\]");
}
