import { setImmediate as turn } from "node:timers/promises";
import { expect } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents, ofKind } from "../events.ts";
import type { Agent, TestHost } from "../harness.ts";
import { factsOf, type ProcessFacts } from "../proc.ts";

const SETTINGS = ".claude/settings.json";

/** `limits.memory_mb`: above it the agent ends itself, so this is what a leak would break first. */
export const MEMORY_MB = 512;

/** What the agent took while a load ran, and how the critical edits made meanwhile fared. */
export interface Cost {
  readonly edits: number;
  readonly delayed: number;
  readonly read_mib: number;
  readonly cpu_s: number;
  readonly peak_mib: number;
  readonly rss_mib: number;
  readonly descriptors: number;
}

/**
 * Runs a load, and edits a critical file elsewhere all the while: each edit must be told before the next is made.
 * @returns the cost, counted from the start of the load to the last edit's event
 */
export async function during(
  host: TestHost,
  agent: Agent,
  load: () => Promise<unknown>,
): Promise<Cost> {
  const pid = agent.child.pid as number;
  const before = factsOf(pid);
  const most = { rss: before.rss, descriptors: before.descriptors };
  let over = false;
  const loading = load().finally(() => (over = true));
  let edits = 0;
  let delayed = 0;
  // The last one begins after the load has ended: what the load left behind keeps no edit waiting either.
  for (let last = false; !last; edits += 1) {
    last = over;
    const text = `{"edit":${edits}}\n`;
    const settings = host.write(SETTINGS, text);
    const { evidence } = await agent.saw(
      settings,
      (event) => event.evidence.after_hash === b3(text),
    );
    if (evidence.evidence_quality === "delayed") delayed += 1;
    const now = factsOf(pid);
    most.rss = Math.max(most.rss, now.rss);
    most.descriptors = Math.max(most.descriptors, now.descriptors);
    await turn();
  }
  await loading;
  return costOf(before, factsOf(pid), most, { edits, delayed });
}

function costOf(
  before: ProcessFacts,
  after: ProcessFacts,
  most: { readonly rss: number; readonly descriptors: number },
  edited: { readonly edits: number; readonly delayed: number },
): Cost {
  return {
    ...edited,
    read_mib: Math.round((after.read - before.read) / 2 ** 20),
    cpu_s: Math.round((after.cpu - before.cpu) * 10) / 10,
    peak_mib: Math.max(most.rss, after.rss),
    rss_mib: after.rss,
    descriptors: most.descriptors,
  };
}

/** What every load must leave alone: memory, descriptors, and the way to the spool of a critical edit elsewhere. */
export function expectUnharmed(agent: Agent, cost: Cost): void {
  expect(cost.edits).toBeGreaterThan(1);
  // Found by a sweep only where the agent says that hints were lost.
  if (ofKind(agent.events, "watcher_degraded").length === 0) expect(cost.delayed).toBe(0);
  expect(cost.peak_mib).toBeLessThan(MEMORY_MB);
  expect(cost.descriptors).toBeLessThan(200);
  expect(ofKind(agent.events, "agent_dying")).toEqual([]);
}

/** Events of files below a directory. */
export function countBelow(agent: Agent, directory: string): number {
  return fileEvents(agent.events).filter(
    ({ subject }) => subject.kind === "path" && subject.value.startsWith(`${directory}/`),
  ).length;
}
