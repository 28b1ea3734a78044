import type { Conditions } from "../health/status.ts";
import type { Plan } from "../policy/plan.ts";

/** Tells of workspaces and records that are not read to their end: once, until others are. */
export interface ProjectsLimit {
  tell(plan: Pick<Plan, "cut">): void;
}

/** @param onCut what is said besides the condition */
export function createProjectsLimit(
  conditions: Conditions,
  onCut: (detail: string) => void,
): ProjectsLimit {
  let before = "";
  return {
    tell({ cut }) {
      const detail = cut.join(", ");
      if (detail === before) return;
      before = detail;
      if (detail === "") return conditions.clear("projects-limit");
      const told = `${detail}: not read to the end in looking for projects`;
      conditions.raise("projects-limit", told);
      onCut(told);
    },
  };
}
