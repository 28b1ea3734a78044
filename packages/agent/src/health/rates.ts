import type { PathKey } from "@sigil/core/plain";
import type { EventWriter } from "../events.ts";
import type { Plan } from "../policy/plan.ts";
import { createNotes } from "./notes.ts";

/** Tells, at most once a minute for each path or target, that readings were folded. */
export interface RateNotes {
  count(limit: "path" | "target", path: PathKey, perMinute: number): void;
  close(): void;
}

const PERIOD_MS = 60_000;

export function createRateNotes(writer: EventWriter, plan: () => Plan): RateNotes {
  const about = new Map<string, { limit: "path" | "target"; path: PathKey; perMinute: number }>();
  const notes = createNotes(PERIOD_MS, (name, folded) => {
    const entry = about.get(name);
    if (!entry) return;
    const match = plan().matcher.match(entry.path);
    const path = entry.limit === "target" ? (match?.root.base ?? entry.path) : entry.path;
    writer.health(
      { kind: "rate_limit_exceeded", limit: entry.limit, per_minute: entry.perMinute, folded },
      { path, targetId: match?.targetId ?? null },
    );
  });
  return {
    count(limit, path, perMinute) {
      const name =
        limit === "target"
          ? `target\u0000${plan().matcher.match(path)?.targetId}`
          : `path\u0000${path}`;
      about.set(name, { limit, path, perMinute });
      notes.count(name);
    },
    close: () => notes.close(),
  };
}
