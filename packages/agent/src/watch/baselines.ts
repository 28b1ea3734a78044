import type { Root } from "@sigil/core/plain";
import type { Runtime } from "../runtime.ts";
import { baselineOf } from "./sweeper.ts";

/** After everything the sweep found is durable: then, and not before, the roots count as seen. */
export function completeBaselines(
  { store, recorder, writer, now }: Pick<Runtime, "store" | "recorder" | "writer" | "now">,
  roots: readonly Root[],
): void {
  const fresh = roots.map(baselineOf).filter(({ rootId }) => !store.isBaselined(rootId));
  if (fresh.length === 0) return;
  const onDurable = () => {
    const completed = store.completeBaselines(fresh, now());
    // All targets in one pass over the table: one for each would hold up everything when it is large.
    const counts = completed.length > 0 ? store.countTargets() : new Map<string, never>();
    for (const targetId of completed) {
      const counted = counts.get(targetId) ?? { files: 0, bytes: 0 };
      writer.health({ kind: "baseline_completed", target_id: targetId, ...counted }, { targetId });
    }
  };
  recorder.push({ line: null, kind: null, writes: [], onDurable });
}
