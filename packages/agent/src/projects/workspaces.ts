import type { Stats } from "node:fs";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { nameOf } from "@sigil/core/plain";
import { listDirectory } from "../sweep/list.ts";

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
}

export interface WorkspaceSearch {
  readonly projects: readonly string[];
  /** Directories looked into: a new project under a workspace shows up in one of them. */
  readonly looked: readonly string[];
}

const MAX_ENTRIES = 10_000;

/** Finds the projects at and below a workspace directory. Links are not followed. */
export function findProjects(workspace: string, limits: WorkspaceLimits): WorkspaceSearch {
  const projects: string[] = [];
  const looked: string[] = [];
  let level = isDirectory(workspace) ? [workspace] : [];
  for (let depth = 0; depth <= limits.maxDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      if (projects.length >= limits.maxProjects) return { projects, looked };
      const listing = listDirectory(directory, MAX_ENTRIES);
      if (listing.kind !== "listed") continue;
      looked.push(directory);
      const names = listing.entries.map((entry) => nameOf(entry.path));
      if (names.some((name) => MARKERS.has(name))) projects.push(directory);
      for (const entry of listing.entries) {
        const name = nameOf(entry.path);
        if (entry.type === "directory" && !SKIPPED.has(name) && !name.startsWith("."))
          next.push(join(directory, name));
      }
    }
    level = next;
  }
  return { projects, looked };
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
