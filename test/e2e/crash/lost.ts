import { verifySpool } from "@sigil/spool";
import { expect } from "vitest";
import { spoolHash } from "../digest.ts";
import { fileEvents, lastStates, readSpool, treeStates } from "../events.ts";

/** What a spool must be after any run of crashes. @returns how many states of files it does not have right */
export async function checkSpool(dir: string, tree: string): Promise<number> {
  expect((await verifySpool(dir, { hash: spoolHash })).faults).toEqual([]);
  const events = await readSpool(dir);
  expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
  // What a crash made the agent say twice carries the same key both times, and says the same.
  for (const [key, repeats] of Map.groupBy(fileEvents(events), (event) => event.dedup_key)) {
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    const said = repeats.map(({ subject, evidence, target_id }) => ({
      subject,
      target_id,
      change_kind: evidence.change_kind,
      before_hash: evidence.before_hash,
      after_hash: evidence.after_hash,
    }));
    expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
  }
  const told = lastStates(events, tree);
  const there = treeStates(tree);
  const paths = new Set([...told.keys(), ...there.keys()]);
  const lost = [...paths].filter((path) => told.get(path) !== there.get(path));
  expect(lost).toEqual([]);
  return lost.length;
}
