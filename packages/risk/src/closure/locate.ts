import { type ScriptRun, UNKNOWN } from "../model/behavior.ts";
import type { FileView, World } from "../model/world.ts";
import { globTakes } from "../command/knowledge/glob.ts";
import type { ClosureContext } from "./state.ts";

/** What a run's path turns out to be. */
export type Found =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly view: FileView;
      readonly bare: boolean;
    }
  /** A program of the system, or of nobody that is known: nothing to read. */
  | { readonly kind: "program" }
  /** A module of the language or a package. */
  | { readonly kind: "module" }
  | { readonly kind: "unknown"; readonly path: string }
  | { readonly kind: "missing"; readonly path: string };

const MODULES: Readonly<Record<string, readonly string[]>> = {
  node: ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".json", "/index.js", "/index.ts", "/index.mjs"],
  python: ["", ".py", "/__init__.py", "/__main__.py"],
  ruby: ["", ".rb"],
  perl: ["", ".pl", ".pm"],
  php: ["", ".php"],
};

/** Finds the file a program runs or sources, as the program would. `from`: the folder of the script that runs it. */
export function locate(
  run: ScriptRun,
  from: string | null,
  ctx: ClosureContext,
  world: World,
): Found {
  const stated = expand(run.path.text, ctx);
  if (stated.includes(UNKNOWN)) return { kind: "unknown", path: stated };
  if (stated === "" || stated.length > 4096 || stated.includes("\0")) return { kind: "program" };
  if (/^(?:https?|npm|jsr|node|data|file):/.test(stated)) return { kind: "module" };
  const module = run.sourced && Object.hasOwn(MODULES, run.language);
  const { cwd } = ctx.program;
  const bases = module ? [from, cwd] : [cwd, from];
  const endings = module ? (MODULES[run.language] ?? [""]) : [""];
  const tried: string[] = [];
  for (const base of isAbsolute(stated) ? [""] : bases) {
    if (base === null) continue;
    for (const ending of endings) {
      const path = normalize(base === "" ? stated + ending : `${base}/${stated}${ending}`);
      if (tried.includes(path)) continue;
      tried.push(path);
      const view = world.read(path, ctx.limits.scriptBytes);
      if (view.kind !== "absent" && view.kind !== "directory")
        return { kind: "file", path, view, bare: false };
    }
  }
  if (module) return { kind: "module" };
  if (isAbsolute(stated))
    return onSystem(stated, world) ?? { kind: "missing", path: tried[0] ?? stated };
  return elsewhere(stated, run, tried[0] ?? null, ctx, world);
}

/** Scripts of one folder that are run by a pattern; more are not read. */
const PATTERN_LIMIT = 64;

/** What a pattern takes now, and the folder in which it may take more later. */
export interface Taken {
  /** Null: too much is in it, or it is the place where the hook runs and everything changes all day. */
  readonly folder: string | null;
  readonly runs: readonly ScriptRun[];
}

/** `for x in hooks.d/*.sh`, `run-parts dir`: every file the pattern takes, none when nothing is there. Null: it is no pattern. */
export function scriptsLike(run: ScriptRun, ctx: ClosureContext, world: World): Taken | null {
  const stated = expand(run.path.text, ctx);
  const cut = stated.lastIndexOf("/");
  const [folder, pattern] = [stated.slice(0, Math.max(cut, 0)), stated.slice(cut + 1)];
  if (!/[*?[]/.test(pattern) || /[*?[\0]/.test(folder) || stated.includes(UNKNOWN)) return null;
  const base = isAbsolute(stated) ? "" : ctx.program.cwd;
  if (base === null || stated.length > 4096) return null;
  const path = normalize(base === "" ? folder : `${base}/${folder}`);
  const listed = world.list(path, PATTERN_LIMIT);
  const { cwd, home, project } = ctx.program;
  const isOwn = listed.length < PATTERN_LIMIT && ![cwd, home, project, "/"].includes(path);
  return {
    folder: isOwn ? path : null,
    runs: listed
      .filter(({ name, kind }) => kind !== "directory" && globTakes(pattern, name))
      .map(({ name }) => ({ ...run, path: { ...run.path, text: `${path}/${name}` } })),
  };
}

/** A bare name is searched on PATH; only what is named like a file is missed. */
function elsewhere(
  stated: string,
  run: ScriptRun,
  first: string | null,
  ctx: ClosureContext,
  world: World,
): Found {
  if (/[\\/]/.test(stated))
    return first === null ? { kind: "unknown", path: stated } : { kind: "missing", path: first };
  const program = world.program(stated);
  if (program?.trusted === true) return { kind: "program" };
  if (program) {
    const view = world.read(program.path, ctx.limits.scriptBytes);
    return { kind: "file", path: program.path, view, bare: true };
  }
  const direct = run.source.trimStart().startsWith(stated) && !run.sourced;
  if (direct || !/\.\w{1,5}$/.test(stated)) return { kind: "program" };
  return first === null ? { kind: "unknown", path: stated } : { kind: "missing", path: first };
}

/** `/usr/bin/foo` that PATH would find too. */
function onSystem(path: string, world: World): Found | null {
  const program = world.program(path.slice(path.lastIndexOf("/") + 1));
  return program?.trusted === true && program.path === path ? { kind: "program" } : null;
}

/** `~` and the directories the tool sets: in a string no shell has seen they are still there. */
function expand(path: string, { program }: ClosureContext): string {
  const home = /^(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|\$env:USERPROFILE|\$HOME)(?=$|[\\/])/i.exec(
    path,
  );
  if (home) return program.home + path.slice(home[0].length);
  return path.replace(
    /\$\{?([A-Za-z_][A-Za-z0-9_]{0,63})\}?|%([A-Za-z_][A-Za-z0-9_]{0,63})%/g,
    (whole: string, a?: string, b?: string) => {
      const name = a ?? b ?? "";
      return Object.hasOwn(program.variables, name) ? (program.variables[name] ?? whole) : UNKNOWN;
    },
  );
}

export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}

/** Folds `.` and `..`; slashes one way. */
export function normalize(path: string): string {
  const flat = path.replaceAll("\\", "/");
  const root = /^(?:[A-Za-z]:)?\//.exec(flat)?.[0] ?? "";
  const kept: string[] = [];
  for (const part of flat.slice(root.length).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") kept.pop();
    else kept.push(part);
  }
  return root + kept.join("/");
}

export function folderOf(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut <= 0 ? "/" : path.slice(0, cut);
}
