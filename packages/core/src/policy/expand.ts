import type { Tier } from "./target.ts";
import type { EffectiveTarget } from "./merge.ts";

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
  readonly why: "unset_variable" | "not_absolute" | "variable_after_wildcard" | "parent_reference";
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
    for (const pattern of target.paths) {
      for (const place of expandPattern(pattern, context)) {
        if ("why" in place) skipped.push({ targetId: target.id, pattern, ...place });
        else {
          const root = rootOf(target, place, context);
          roots.set(rootId(root), root);
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

const WILDCARD = /[*?[\]{}()!+@]/;
/** Characters that are wildcards only in company: `(`, `)`, `!`, `+`, `@` alone are common in file names. */
const GLOB = /[*?[{]|[!+@]\(/;
const TOKEN = /\$(?:\{(\w+)\}|(\w+))|%(\w+)%/g;

function expandPattern(pattern: string, context: ExpandContext): (Place | NoPlace)[] {
  const text = context.platform === "windows" ? pattern.replaceAll("\\", "/") : pattern;
  const segments = text.split("/");
  const cut = segments.findIndex((segment) => GLOB.test(segment));
  const head = (cut < 0 ? segments : segments.slice(0, cut)).join("/");
  const tail = cut < 0 ? null : segments.slice(cut).join("/");
  if (tail !== null && hasToken(tail)) return [{ why: "variable_after_wildcard", detail: tail }];
  if (segments.includes("..")) return [{ why: "parent_reference", detail: pattern }];
  return heads(head, context).map((place) => {
    if ("why" in place) return place;
    const base = cleanBase(place.base, context.platform);
    if (base === null) return { why: "not_absolute", detail: place.base };
    return { ...place, base, pattern: tail === null || tail === "" ? null : tail };
  });
}

function hasToken(text: string): boolean {
  return [...text.matchAll(TOKEN)].length > 0;
}

type Head = Omit<Place, "pattern">;

function heads(head: string, context: ExpandContext): (Head | NoPlace)[] {
  const wantsHome = head === "~" || head.startsWith("~/") || /\$\{?HOME\b|%USERPROFILE%/.test(head);
  const wantsProject = /\$\{?SIGIL_PROJECT\b/.test(head);
  const homes: readonly (Home | null)[] = wantsHome ? context.homes : [null];
  const projects: readonly (string | null)[] = wantsProject ? context.projects : [null];
  return homes.flatMap((home) =>
    projects.map((project): Head | NoPlace => {
      const tilde =
        home && (head === "~" || head.startsWith("~/")) ? home.path + head.slice(1) : head;
      const filled = fill(tilde, {
        ...context.env,
        ...homeVariables(home),
        SIGIL_PROJECT: project ?? undefined,
      });
      return typeof filled === "string" ? { base: filled, home, project } : filled;
    }),
  );
}

function homeVariables(home: Home | null): Record<string, string> {
  return home ? { HOME: home.path, USERPROFILE: home.path } : {};
}

function fill(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): string | NoPlace {
  let unset: string | null = null;
  const filled = text.replace(TOKEN, (_all, braced?: string, plain?: string, percent?: string) => {
    const name = braced ?? plain ?? percent ?? "";
    const value = variables[name];
    if (value === undefined || value === "") unset ??= name;
    return value ?? "";
  });
  return unset === null ? filled : { why: "unset_variable", detail: unset };
}

/** Native, absolute, without doubled or trailing separators; null when it is not absolute. */
function cleanBase(path: string, platform: ExpandContext["platform"]): string | null {
  if (platform === "windows") {
    const slashed = path.replaceAll("\\", "/").replace(/\/+/g, "/");
    if (!/^[A-Za-z]:\//.test(slashed)) return null;
    const trimmed = slashed.length > 3 ? slashed.replace(/\/+$/, "") : slashed;
    return trimmed.replaceAll("/", "\\");
  }
  if (!path.startsWith("/")) return null;
  const squeezed = path.replace(/\/+/g, "/").replace(/(?:\/\.)+(?=\/|$)/g, "");
  return squeezed.length > 1 ? squeezed.replace(/\/$/, "") : "/";
}

function rootOf(target: EffectiveTarget, place: Place, context: ExpandContext): Root {
  return {
    targetId: target.id,
    tier: target.tier,
    base: place.base,
    pattern: place.pattern,
    recursive: target.recursive,
    followSymlinks: target.follow_symlinks,
    exclude: target.exclude.flatMap((pattern) => excludesOf(pattern, context)),
    user: place.home?.user ?? null,
    project: place.project,
  };
}

function excludesOf(pattern: string, context: ExpandContext): Exclude[] {
  const absolute = /^(?:[~/$%]|[A-Za-z]:[\\/])/.test(pattern);
  if (!absolute) return [{ base: null, pattern: pattern.replaceAll("\\", "/") }];
  return expandPattern(pattern, context).flatMap((place) =>
    "why" in place ? [] : [{ base: place.base, pattern: place.pattern ?? "" }],
  );
}

/** Quotes a literal name for use inside a glob. */
export function escapeGlob(name: string): string {
  return name.replace(new RegExp(WILDCARD.source, "g"), (char) => `\\${char}`);
}
