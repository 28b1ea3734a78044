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
/** Paths that have a note of their own at one time; the others share one a target: whoever makes names must not fill memory. */
const NAMES_MAX = 1000;

export function createRateNotes(writer: EventWriter, plan: () => Plan): RateNotes {
  const about = new Map<string, { limit: "path" | "target"; path: PathKey; perMinute: number }>();
  const tell = (name: string, folded: number) => {
    const entry = about.get(name);
    if (!entry) return;
    const match = plan().matcher.match(entry.path);
    const path = entry.limit === "target" ? (match?.root.base ?? entry.path) : entry.path;
    writer.health(
      { kind: "rate_limit_exceeded", limit: entry.limit, per_minute: entry.perMinute, folded },
      { path, targetId: match?.targetId ?? null },
    );
  };
  const notes = createNotes(PERIOD_MS, tell, (name) => about.delete(name));
  return {
    count(limit, path, perMinute) {
      const own = `path\u0000${path}`;
      const isOwn = limit === "path" && (about.has(own) || about.size < NAMES_MAX);
      const name = isOwn ? own : `${limit}\u0000${plan().matcher.match(path)?.targetId}`;
      about.set(name, { limit, path, perMinute });
      notes.count(name);
    },
    close: () => notes.close(),
  };
}
