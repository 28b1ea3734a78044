import type { PathKey, StoredState } from "@sigil/core/plain";
import type { Plan } from "../policy/plan.ts";
import type { Store } from "../state/store.ts";
import type { Seen } from "./compare.ts";
import { isGone } from "./resolve.ts";

export interface StrayPorts {
  readonly store: Pick<Store, "targetOf">;
  readonly plan: Plan;
  /** The state a path will have when all that is on its way is durable. */
  readonly current: (path: PathKey) => StoredState | null;
}

/**
 * A stored path that no target means any more, for the project it was in is gone: told of as removed, as what its
 * target was. Null for what is there all the same, and for a target the policy has dropped: neither is watched now.
 */
export function strayOf(
  stray: Pick<Seen, "path" | "found" | "hints" | "bursts">,
  { store, plan, current }: StrayPorts,
): Seen | null {
  const { path, found, hints, bursts } = stray;
  const targetId = store.targetOf(path);
  const tier = targetId === null ? null : plan.tierOf(targetId);
  if (targetId === null || tier === null || plan.matcher.match(path)) return null;
  if ((current(path)?.snapshot ?? null) === null || !isGone(path)) return null;
  const match = { targetId, tier };
  return { path, match, snapshot: null, found, hints, bursts, firstSight: false };
}
