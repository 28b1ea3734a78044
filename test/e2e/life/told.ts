import { b3 } from "../digest.ts";
import type { FileEvent } from "../events.ts";
import type { Agent } from "../harness.ts";

/** Fits an event after which the path has these contents. */
export function has(contents: string | Uint8Array): (event: FileEvent) => boolean {
  return ({ evidence }) => evidence.after_hash === b3(contents);
}

/** What the last event of a path says of it. */
export function last(agent: Agent, path: string): FileEvent["evidence"] | undefined {
  return agent.of(path).at(-1)?.evidence;
}

/** A policy under which what sends no event is found within the second, by the same means as within the default. */
export const OFTEN = "settings: {watch: {patrol_ms: 500}}\n";
