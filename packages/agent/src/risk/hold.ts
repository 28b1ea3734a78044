import { keyOfBytes } from "../fs/keys.ts";
import type { Change } from "../pipeline/compare.ts";
import type { Assessing } from "./assessing.ts";
import type { GuardHold } from "./guards.ts";

/** A guard file's change waits for its assessment when that can make it quieter. */
export function holdFor(change: Change, assessing: Assessing): GuardHold | null {
  if (!change.event || change.event.evidence.change_kind === "discovered") return null;
  if (change.from) assessing.changed(keyOfBytes(change.from.path));
  const hold = assessing.changed(change.path);
  return change.event.severity === "info" ? null : hold;
}
