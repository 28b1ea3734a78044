import type { Match, PathKey, SettledPath, Settings } from "@sigil/core/plain";
import type { Hasher } from "@sigil/ports/hash";
import type { Plan } from "../policy/plan.ts";
import type { Seen } from "./compare.ts";
import type { Latency } from "./latency.ts";
import { isBelow, parentKey } from "../fs/keys.ts";
import { isLink } from "../fs/stat.ts";
import { observe, type Observation, type ObserveOptions } from "./observe.ts";

export interface LookPorts {
  readonly hasher: Hasher;
  readonly latency: Latency;
  plan(): Plan;
  setHops(path: PathKey, hops: readonly PathKey[]): void;
  onUnreadable(path: PathKey, operation: "read" | "list", errno: string): void;
  /** True when none of the roots has a baseline. */
  unseen(match: Match): boolean;
}

/** What looking at a settled path came to: something to compare, a large file to read elsewhere, a path no target means, or nothing. */
export type Looked =
  | { readonly kind: "seen"; readonly seen: Seen }
  | { readonly kind: "large"; readonly match: Match }
  | { readonly kind: "stray" }
  | { readonly kind: "nothing" };

/** Resolves and hashes one settled path. */
export function look(settled: SettledPath, settings: Settings, ports: LookPorts): Looked {
  const match = ports.plan().matcher.match(settled.path);
  if (!match) return { kind: "stray" };
  const started = performance.now();
  const observation = isBehindLink(settled.path, match)
    ? ({ kind: "absent" } as const)
    : observe(settled.path, lookOptions(match, settings, ports));
  if (observation.kind === "deferred") return { kind: "large", match };
  ports.latency.add(performance.now() - started);
  return toSeen(settled, match, observation, ports);
}

/** A directory swapped for a link where no root follows links: the link is what is there, and nothing below it. */
function isBehindLink(path: PathKey, match: Match): boolean {
  if (match.followSymlinks) return false;
  const [top] = match.roots.map(({ base }) => base).toSorted((a, b) => a.length - b.length);
  for (let way = parentKey(path); way !== null && isBelow(way, top ?? way); way = parentKey(way))
    if (isLink(way)) return true;
  return false;
}

/** How a matching path is read. */
function lookOptions(
  match: Match,
  settings: Settings,
  ports: Pick<LookPorts, "hasher" | "plan">,
): ObserveOptions {
  return {
    follow: match.followSymlinks,
    hasher: ports.hasher,
    maxBytes: settings.hash.max_bytes,
    attempts: settings.hash.attempts,
    inlineMaxBytes: settings.hash.inline_max_bytes,
    linkOwners: ports.plan().linkOwners(match.root),
  };
}

/** An observation with what the hints say; nothing when the path could not be looked at. */
export function toSeen(
  settled: SettledPath,
  match: Match,
  observation: Observation,
  ports: LookPorts,
): Looked {
  if (observation.kind === "unreadable") {
    ports.onUnreadable(settled.path, "read", observation.errno);
    return { kind: "nothing" };
  }
  const snapshot = observation.kind === "present" ? observation.snapshot : null;
  ports.setHops(settled.path, observation.kind === "present" ? observation.hops : []);
  if (snapshot?.incomplete === "unreadable") ports.onUnreadable(settled.path, "read", "EACCES");
  const { path, found, hints, bursts } = settled;
  const firstSight = found && ports.unseen(match);
  return { kind: "seen", seen: { path, match, snapshot, found, hints, bursts, firstSight } };
}
