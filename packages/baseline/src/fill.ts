import type { Target } from "@sigil/core";

/** A target as it is embedded: what has the schema's default is left out. */
export type BaselineTarget = Pick<Target, "id" | "tier" | "paths"> & Partial<Target>;

/** Puts the defaults of the policy schema back. They stand here a second time so that nothing is validated at start. */
export function fillTarget(target: BaselineTarget): Target {
  return {
    description: "",
    platform: "any",
    exclude: [],
    recursive: false,
    follow_symlinks: true,
    disabled: false,
    ...target,
  };
}
