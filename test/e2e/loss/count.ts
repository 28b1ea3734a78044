import { b3 } from "../digest.ts";
import { eventsOf, lastStates, treeStates } from "../events.ts";
import { eventually, type Agent } from "../harness.ts";

/** Files below a directory whose last event does not say what is on disk, or that have none, or that are gone. */
export function lostBelow(agent: Pick<Agent, "events">, directory: string): string[] {
  const told = lastStates(agent.events, directory);
  const there = treeStates(directory);
  const wrong = [...there].flatMap(([path, digest]) => (told.get(path) === digest ? [] : [path]));
  return [...wrong, ...[...told.keys()].filter((path) => !there.has(path))];
}

/** Waits until the last event of every file below a directory says what is on disk. */
export function caughtUp(agent: Pick<Agent, "events">, directory: string, timeout = 60_000) {
  return eventually(() => {
    const lost = lostBelow(agent, directory);
    if (lost.length > 0) throw new Error(`${lost.length} not told of, such as ${lost[0]}`);
    return true;
  }, timeout);
}

/** Files whose last event does not say what was written to them last. @param written path → contents */
export function untold(
  { events }: Pick<Agent, "events">,
  written: ReadonlyMap<string, string>,
): string[] {
  return [...written].flatMap(([path, text]) =>
    eventsOf(events, path).at(-1)?.evidence.after_hash === b3(text) ? [] : [path],
  );
}
