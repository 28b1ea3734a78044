import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { ofKind } from "./events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "./harness.ts";

const FAST = "poll_interval_ms: 200, poll_standard_interval_ms: 300";

async function findsChanges(host: TestHost, agent: Awaited<ReturnType<TestHost["start"]>>) {
  const created = host.write(".cursor/mcp.json", "{}\n");
  const settings = host.write(".claude/settings.json", "changed\n");
  const standard = host.write(".claude/skills/a/SKILL.md", "skill\n");
  const removed = host.path(".claude/hooks/gone.sh");
  rmSync(removed);
  const first = async (path: string, kind: string) =>
    (await agent.saw(path, ({ evidence }) => evidence.change_kind === kind)).evidence;
  return {
    created: await first(created, "created"),
    modified: await first(settings, "modified"),
    standard: await first(standard, "created"),
    removed: await first(removed, "removed"),
  };
}

function withFiles(): TestHost {
  const host = createHost();
  host.write(".claude/settings.json", "{}\n");
  host.write(".claude/hooks/gone.sh", "x\n");
  return host;
}

describe("--poll", () => {
  it("finds every kind of change without a watcher, says so, and calls them delayed", async () => {
    const host = withFiles();
    writePolicy(host, `settings: {watch: {${FAST}}}\n`);
    const agent = await host.start({ args: ["--poll"] });
    const found = await findsChanges(host, agent);
    for (const evidence of Object.values(found))
      expect(evidence).toMatchObject({ evidence_quality: "delayed", coalesced_count: 0 });
    expect(found.modified.after_hash).toBe(b3("changed\n"));
    expect(ofKind(agent.events, "watcher_degraded")).toMatchObject([{ reason: "polling" }]);
    const status = await host.status();
    expect(status).toMatchObject({ polling: true, watcher_backend: "poll" });
    expect(status.conditions.map(({ code }) => code)).toEqual(["watching-by-polling"]);
  });
});

describe("when there are too few watches", () => {
  it("polling finds the changes, and the agent says that watches are exhausted", async () => {
    const host = withFiles();
    writePolicy(host, `settings: {watch: {max_shallow: 5, ${FAST}}}\n`);
    const agent = await host.start();
    const found = await findsChanges(host, agent);
    expect(found.modified.after_hash).toBe(b3("changed\n"));
    await eventually(() =>
      ofKind(agent.events, "watcher_degraded").some(({ reason }) => reason === "watches_exhausted"),
    );
    expect((await host.status()).conditions.map(({ code }) => code)).toContain(
      "watching-by-polling",
    );
    // Said once, not with every poll.
    host.write(".claude/settings.json", "again\n");
    await agent.saw(
      host.path(".claude/settings.json"),
      ({ evidence }) => evidence.after_hash === b3("again\n"),
    );
    const said = ofKind(agent.events, "watcher_degraded").filter(
      ({ reason }) => reason === "watches_exhausted",
    );
    expect(said.length).toBeLessThanOrEqual(2);
  });
});
