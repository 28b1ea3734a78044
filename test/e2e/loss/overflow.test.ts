import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { cannot, createHost, eventually, type Agent } from "../harness.ts";
import { caughtUp } from "./count.ts";
import { mayLowerQueue, startWithQueue } from "./queue.ts";

const QUEUE = 256;
const SETTINGS = ".claude/settings.json";

/** Stopped for a moment, too short to be a stall: what comes meanwhile has to fit into the queue. */
function whileStopped(agent: Agent, act: () => void): void {
  agent.child.kill("SIGSTOP");
  try {
    act();
  } finally {
    agent.child.kill("SIGCONT");
  }
}

function reasons(agent: Agent): string[] {
  return ofKind(agent.events, "watcher_degraded").map(({ reason }) => reason);
}

describe("a kernel queue that overflows, without a stall", () => {
  it("with names nobody watches does not hide an edit behind them", async ({ skip }) => {
    if (!mayLowerQueue()) return cannot(skip, "only root may lower max_queued_events");
    const host = createHost();
    const settings = host.write(SETTINGS, "{}\n");
    const agent = await startWithQueue(QUEUE, () => host.start());
    await agent.saw(settings);
    whileStopped(agent, () => {
      for (let index = 0; index < QUEUE * 2; index += 1) host.write(`junk-${index}`, "x");
      host.write(SETTINGS, "edited\n");
    });
    await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3("edited\n"));
    await eventually(() => reasons(agent).includes("hint_burst"));
    expect(ofKind(agent.events, "watcher_degraded").length).toBeLessThan(10);
  });

  it("in a standard tree leaves nothing untold, and is told", async ({ skip }) => {
    if (!mayLowerQueue()) return cannot(skip, "only root may lower max_queued_events");
    const host = createHost();
    const skills = host.path(".claude/skills");
    mkdirSync(`${skills}/pack`, { recursive: true });
    const agent = await startWithQueue(QUEUE, () => host.start());
    whileStopped(agent, () => {
      for (let index = 0; index < QUEUE * 4; index += 1)
        writeFileSync(`${skills}/pack/f${index}.md`, `${index}\n`);
    });
    await caughtUp(agent, skills);
    await eventually(() => reasons(agent).length > 0);
  });

  it("by writes to few files of a tree, which come folded, is told when the second look finds more", async ({
    skip,
  }) => {
    if (!mayLowerQueue()) return cannot(skip, "only root may lower max_queued_events");
    const host = createHost();
    const skills = host.path(".claude/skills");
    mkdirSync(`${skills}/pack`, { recursive: true });
    const agent = await startWithQueue(QUEUE, () => host.start());
    whileStopped(agent, () => {
      for (let index = 0; index < QUEUE * 2; index += 1)
        writeFileSync(`${skills}/pack/f${index % 2}.md`, `${index}\n`);
      writeFileSync(`${skills}/pack/behind.md`, "behind\n");
    });
    await caughtUp(agent, skills);
    await eventually(() => reasons(agent).includes("sweep_found_changes"));
  });
});
