import type { Stats } from "node:fs";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { nameOf } from "@sigil/core/plain";
import { realDirectory } from "../risk/projects.ts";
import { listDirectory, type Entry } from "../sweep/list.ts";

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
  /** Owners that a linked directory may have; absent: any. */
  readonly linkOwners?: ReadonlySet<number> | null;
}

export interface WorkspaceSearch {
  readonly projects: readonly string[];
  /** Directories looked into: a new project under a workspace shows up in one of them. */
  readonly looked: readonly string[];
}

const MAX_ENTRIES = 10_000;

/**
 * Finds the projects at and below a workspace directory. The workspace itself may be a link: the operator named it. A
 * link below is followed to see whether a project is there, under its real path, and no further: a repository that
 * has a link to `/` must not make the search one of the whole machine.
 */
export function findProjects(workspace: string, limits: WorkspaceLimits): WorkspaceSearch {
  const projects = new Set<string>();
  const looked: string[] = [];
  const start = led(workspace, limits);
  let level = start === null ? [] : [start];
  for (let depth = 0; depth <= limits.maxDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      if (projects.size >= limits.maxProjects) return { projects: [...projects], looked };
      const listing = listDirectory(directory, MAX_ENTRIES);
      if (listing.kind !== "listed") continue;
      looked.push(directory);
      if (hasMarker(listing.entries)) projects.add(directory);
      for (const entry of listing.entries) {
        const name = nameOf(entry.path);
        if (SKIPPED.has(name) || name.startsWith(".") || depth === limits.maxDepth) continue;
        if (entry.type === "directory") next.push(join(directory, name));
        if (entry.type === "symlink") addLinked(join(directory, name), limits, projects);
      }
    }
    level = next;
  }
  return { projects: [...projects], looked };
}

function addLinked(link: string, limits: WorkspaceLimits, projects: Set<string>): void {
  const directory = led(link, limits);
  if (directory === null || projects.size >= limits.maxProjects) return;
  const listing = listDirectory(directory, MAX_ENTRIES);
  if (listing.kind === "listed" && hasMarker(listing.entries)) projects.add(directory);
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
