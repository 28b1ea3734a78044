import type { Surface } from "../model/surface.ts";
import type { Tool } from "../model/tool.ts";
import type { Counted } from "./summary.ts";

/** One tool and its guard files that exist now. */
export interface Unit {
  readonly tool: Tool;
  readonly surfaces: readonly Surface[];
}

/** What is remembered of one tool's configuration for one project. */
export interface Remembered {
  readonly counted: readonly Counted[];
  readonly paths: readonly string[];
}

/** The last result of each configuration, so that a change costs only what it is part of. */
export interface Memory {
  /** Projects (null: outside any) to assess again, by tool. `only` null: all of them. */
  affected(
    units: readonly Unit[],
    projects: readonly string[],
    only: readonly string[] | null,
  ): ReadonlyMap<string, readonly (string | null)[]>;
  keep(tool: string, project: string | null, remembered: Remembered): void;
  all(): readonly Remembered[];
}

export function createMemory(): Memory {
  const kept = new Map<string, Remembered>();
  const shapes = new Map<string, string>();
  let order: string[] = [];
  return {
    affected(units, given, only) {
      const projects = [null, ...new Set(given)];
      order = projects.flatMap((project) => units.map(({ tool }) => keyOf(tool.id, project)));
      for (const key of kept.keys()) if (!order.includes(key)) kept.delete(key);
      const changed = new Set(only?.flatMap((path) => [path, folderOf(path)]));
      const stale = (unit: Unit, project: string | null) =>
        [
          only === null,
          isReshaped(unit, project, shapes),
          isTouched(kept, unit, project, changed),
        ].includes(true);
      const found = units.flatMap((unit) =>
        projects
          .filter((project) => stale(unit, project))
          .map((project) => [unit.tool.id, project] as const),
      );
      return spread(found, units, projects);
    },
    keep: (tool, project, remembered) => void kept.set(keyOf(tool, project), remembered),
    all: () => order.flatMap((key) => kept.get(key) ?? []),
  };
}

function keyOf(tool: string, project: string | null): string {
  return `${tool}\0${project ?? ""}`;
}

/** As it stands among the paths of what runs everything in a folder. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Files came or went. */
function isReshaped(unit: Unit, project: string | null, shapes: Map<string, string>): boolean {
  const key = keyOf(unit.tool.id, project);
  const own = unit.surfaces.filter((surface) => surface.project === project);
  const shape = own.map(({ path, role, scope }) => `${path}\0${role}\0${scope}`).join("\n");
  const same = shapes.get(key) === shape;
  shapes.set(key, shape);
  return !same;
}

function isTouched(
  kept: ReadonlyMap<string, Remembered>,
  unit: Unit,
  project: string | null,
  changed: ReadonlySet<string>,
): boolean {
  const known = kept.get(keyOf(unit.tool.id, project));
  return !known || known.paths.some((path) => changed.has(path));
}

/** A user's file is part of every project's configuration, and a project's tasks are part of every tool's. */
function spread(
  found: readonly (readonly [string, string | null])[],
  units: readonly Unit[],
  projects: readonly (string | null)[],
): ReadonlyMap<string, readonly (string | null)[]> {
  const everywhere = new Set(found.filter(([, project]) => project === null).map(([tool]) => tool));
  const shared = new Set(found.map(([, project]) => project).filter((project) => project !== null));
  return new Map(
    units.map(({ tool }) => [
      tool.id,
      projects.filter(
        (project) => everywhere.has(tool.id) || (project !== null && shared.has(project)),
      ),
    ]),
  );
}
