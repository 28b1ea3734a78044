import type { Stats } from "node:fs";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { nameOf, type Settings } from "@sigil/core/plain";
import { realDirectory } from "../risk/projects.ts";
import { listDirectory, type Entry, type Listing } from "../sweep/list.ts";

/** What makes a directory a project: a repository, or a guard surface of any tool. */
const MARKERS = new Set([
  ".git",
  ".claude",
  ".mcp.json",
  ".codex",
  ".gemini",
  ".cursor",
  ".cursorrules",
  ".vscode",
  ".github",
  ".roo",
  ".kiro",
  ".amp",
  ".zed",
  ".qwen",
  ".opencode",
  "opencode.json",
  "CLAUDE.md",
  "AGENTS.md",
  "GEMINI.md",
  "package.json",
]);

/** Not entered: large, made by tools, and never the place of a project of their own. */
const SKIPPED = new Set([
  "node_modules",
  ".git",
  "vendor",
  "target",
  "dist",
  "build",
  ".venv",
  "__pycache__",
  ".cache",
]);

export interface WorkspaceLimits {
  readonly maxDepth: number;
  readonly maxProjects: number;
  /** Directories looked into; whoever makes more of them costs the agent no more time. */
  readonly maxDirectories: number;
  readonly maxEntries: number;
  /** Owners that a linked directory may have; absent: any. */
  readonly linkOwners?: ReadonlySet<number> | null;
}

/** The limits that a policy sets. */
export function workspaceLimits(projects: Settings["projects"]): WorkspaceLimits {
  return {
    maxDepth: projects.max_depth,
    maxProjects: projects.max_projects,
    maxDirectories: projects.max_directories,
    maxEntries: projects.max_entries,
  };
}

export interface WorkspaceSearch {
  readonly projects: readonly string[];
  /** Directories looked into: a new project under a workspace shows up in one of them. */
  readonly looked: readonly string[];
  /** A limit ended the search: there may be projects that were not found. */
  readonly cut: boolean;
}

/** What a search has found, and what it may still read. */
interface Found {
  readonly projects: Set<string>;
  readonly looked: string[];
  directories: number;
  entries: number;
}

/**
 * Finds the projects at and below a workspace directory. The workspace itself may be a link: the operator named it. A
 * link below is followed to see whether a project is there, under its real path, and no further: a repository that
 * has a link to `/` must not make the search one of the whole machine.
 */
export function findProjects(workspace: string, limits: WorkspaceLimits): WorkspaceSearch {
  const found: Found = {
    projects: new Set(),
    looked: [],
    directories: limits.maxDirectories,
    entries: limits.maxEntries,
  };
  const start = led(workspace, limits);
  let level = start === null ? [] : [start];
  let cut = false;
  for (let depth = 0; depth <= limits.maxDepth && level.length > 0 && !cut; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      cut = !lookInto(directory, depth < limits.maxDepth ? next : null, found, limits);
      if (cut) break;
    }
    level = next;
  }
  return { projects: [...found.projects], looked: found.looked, cut };
}

/** @param next takes the directories below; null where they are too deep. @returns false when a limit is reached */
function lookInto(
  directory: string,
  next: string[] | null,
  found: Found,
  limits: WorkspaceLimits,
): boolean {
  if (found.projects.size >= limits.maxProjects || found.directories <= 0) return false;
  const listing = list(directory, found);
  if (listing === null) return true;
  found.looked.push(directory);
  if (hasMarker(listing.entries)) found.projects.add(directory);
  for (const entry of listing.entries) {
    const name = nameOf(entry.path);
    if (SKIPPED.has(name) || name.startsWith(".") || next === null) continue;
    if (entry.type === "directory") next.push(join(directory, name));
    if (entry.type === "symlink" && !addLinked(join(directory, name), found, limits)) return false;
  }
  return listing.complete;
}

/** @returns false when a limit is reached */
function addLinked(link: string, found: Found, limits: WorkspaceLimits): boolean {
  const directory = led(link, limits);
  if (directory === null) return true;
  if (found.projects.size >= limits.maxProjects || found.directories <= 0) return false;
  const listing = list(directory, found);
  if (listing === null) return true;
  if (hasMarker(listing.entries)) found.projects.add(directory);
  return listing.complete;
}

/** Lists a directory, and takes it off what may be read. */
function list(directory: string, found: Found): Extract<Listing, { kind: "listed" }> | null {
  const listing = listDirectory(directory, found.entries);
  if (listing.kind !== "listed") return null;
  found.directories -= 1;
  found.entries -= listing.entries.length;
  return listing;
}

/** The directory at a path, or where a link there leads if that is a directory of an allowed owner. */
function led(path: string, { linkOwners = null }: WorkspaceLimits): string | null {
  if (isDirectory(path)) return path;
  const real = realDirectory(path);
  if (real === null || linkOwners === null) return real;
  const owner = lstatSync(real, { throwIfNoEntry: false })?.uid;
  return owner !== undefined && linkOwners.has(owner) ? real : null;
}

function hasMarker(entries: readonly Entry[]): boolean {
  return entries.some((entry) => MARKERS.has(nameOf(entry.path)));
}

function isDirectory(path: string): boolean {
  let stat: Stats | undefined;
  try {
    stat = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return false;
  }
  return stat?.isDirectory() === true;
}
