import { lstatSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isBelow } from "../fs/keys.ts";
import { recordedProjects } from "../projects/records.ts";

/** Projects looked at in one scan at most. */
const MAX_PROJECTS = 512;

/** What a scan reads of the tools' records at most: as the default policy has it, and names of projects long gone. */
const RECORD_LIMITS = { maxProjects: 10_000, maxDirectories: 20_000, maxEntries: 200_000 };

/** Directories climbed above a path in search of its checkout. */
const MAX_CLIMB = 64;

/** Folders of the tools: what holds one is a project. */
const TOOL_FOLDERS = new Set([".claude", ".codex", ".gemini", ".cursor", ".vscode", ".agents"]);

export interface ProjectSearch {
  /** Real path. */
  readonly home: string;
  /** Projects named by the caller; empty: what the tools remember, `workspaces` and the checkout around `cwd`. */
  readonly given: readonly string[];
  /** Projects found under the policy's workspaces. */
  readonly workspaces: readonly string[];
  readonly cwd: string | null;
}

/** The projects of a scan, as real paths. A home is user scope, not a project. */
export function projectsOf(search: ProjectSearch): string[] {
  const { home, given, cwd } = search;
  const found =
    given.length > 0
      ? given
      : [
          ...recordedProjects(home, RECORD_LIMITS).projects,
          ...search.workspaces,
          ...(cwd === null ? [] : around(cwd, home)),
        ];
  const real = found.flatMap((path) => realDirectory(path) ?? []);
  return [...new Set(real)]
    .filter((path) => path !== home && dirname(path) !== path)
    .slice(0, MAX_PROJECTS);
}

/** The checkout a directory inside the home is in. */
function around(cwd: string, home: string): string[] {
  const checkout = checkoutOf(cwd);
  return checkout !== null && isBelow(checkout, home) && checkout !== home ? [checkout] : [];
}

/** The projects a file may belong to: the folder that holds a tool's folder, and the checkout around it. */
export function projectsAround(file: string, home: string): string[] {
  const checkout = checkoutOf(dirname(file));
  const found = [holderOf(file) ?? dirname(file), ...(checkout === null ? [] : [checkout])];
  return [...new Set(found)].filter((path) => !isBelow(home, path));
}

/** The directory in which the first folder of a tool on the way to a file lies. */
function holderOf(file: string): string | null {
  let holder: string | null = null;
  for (let at = dirname(file), step = 0; at !== dirname(at) && step < MAX_CLIMB; step += 1) {
    if (TOOL_FOLDERS.has(basename(at))) holder = dirname(at);
    at = dirname(at);
  }
  return holder;
}

function checkoutOf(directory: string): string | null {
  for (let at = directory, step = 0; at !== dirname(at) && step < MAX_CLIMB; step += 1) {
    if (exists(join(at, ".git"))) return at;
    at = dirname(at);
  }
  return null;
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** A directory's path without links; null when there is none. */
export function realDirectory(path: string): string | null {
  // The automounter's directories would call another machine.
  if (/^\/+(?:net|Network)\/|^[\\/]{2}/.test(path)) return null;
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      ? realpathSync.native(path)
      : null;
  } catch {
    return null;
  }
}
