import { mkdirSync, renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { eventsOf, fileEvents, ofKind } from "./events.ts";
import { createHost, eventually, writePolicy } from "./harness.ts";

const SETTINGS = ".claude/settings.json";

describe("the first start", () => {
  it("tells of each existing critical file once, silently records standard ones, and completes the target", async () => {
    const host = createHost();
    const settings = host.write(SETTINGS, "{}\n");
    const instructions = host.write(".claude/CLAUDE.md", "be kind\n");
    const agent = await host.start();
    await agent.stop();
    const events = await host.events();
    expect(eventsOf(events, settings)).toMatchObject([
      {
        severity: "info",
        evidence: { change_kind: "discovered", before_hash: null, after_hash: b3("{}\n") },
      },
    ]);
    expect(eventsOf(events, instructions)).toEqual([]);
    const done = ofKind(events, "baseline_completed").map(({ target_id, files, bytes }) => ({
      target_id,
      files,
      bytes,
    }));
    expect(done).toContainEqual({ target_id: "claude-code-user-settings", files: 1, bytes: 3 });
    expect(done).toContainEqual({ target_id: "claude-code-user-instructions", files: 1, bytes: 8 });
    expect(new Set(done.map(({ target_id }) => target_id)).size).toBe(done.length);
  });
});

describe("an agent that says it is watching", () => {
  it("takes what comes from then on for new, however much the first sweep has left to write", async () => {
    const host = createHost();
    for (let index = 0; index < 3000; index += 1) host.write(`.claude/hooks/f${index}`, "x\n");
    mkdirSync(host.path(".claude/commands"));
    const agent = await host.start();
    const standard = host.write(".claude/commands/new.md", "new\n");
    const critical = host.write(".claude/settings.json", "{}\n");
    expect((await agent.saw(critical)).evidence.change_kind).toBe("created");
    expect((await agent.saw(standard)).evidence.change_kind).toBe("created");
  });
});

describe("a second start", () => {
  it("tells of no file and no baseline when nothing changed", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    host.write(".claude/hooks/a.sh", "exit 2\n");
    await (await host.start()).stop();
    const before = (await host.events()).length;
    await (await host.start()).stop();
    const after = (await host.events()).slice(before);
    expect(fileEvents(after)).toEqual([]);
    expect(ofKind(after, "baseline_completed")).toEqual([]);
    expect(after.length).toBeGreaterThan(0);
  });

  it("tells of everything that happened meanwhile, as delayed", async () => {
    const host = createHost();
    const modified = host.write(SETTINGS, "{}\n");
    const removed = host.write(".claude/hooks/old.sh", "old\n");
    const from = host.write(".claude/hooks/before.sh", "same\n");
    await (await host.start()).stop();
    const before = (await host.events()).length;

    host.write(SETTINGS, "[]\n");
    rmSync(removed);
    const to = host.path(".claude/hooks/after.sh");
    renameSync(from, to);
    const created = host.write(".claude/hooks/new.sh", "new\n");
    const standard = host.write(".claude/commands/new.md", "command\n");
    await (await host.start()).stop();

    const events = (await host.events()).slice(before);
    const only = (path: string) => eventsOf(events, path).map(({ evidence }) => evidence);
    const delayed = { evidence_quality: "delayed", coalesced_count: 0 };
    expect(only(modified)).toMatchObject([
      { ...delayed, change_kind: "modified", before_hash: b3("{}\n"), after_hash: b3("[]\n") },
    ]);
    expect(only(removed)).toMatchObject([
      { ...delayed, change_kind: "removed", before_hash: b3("old\n"), after_hash: null },
    ]);
    expect(only(created)).toMatchObject([
      { ...delayed, change_kind: "created", before_hash: null, after_hash: b3("new\n") },
    ]);
    expect(only(standard)).toMatchObject([{ ...delayed, change_kind: "created" }]);
    expect(only(to)).toMatchObject([
      { ...delayed, change_kind: "renamed", rename_from: from, after_hash: b3("same\n") },
    ]);
    expect(only(from)).toEqual([]);
  });
});

describe("SIGTERM", () => {
  it("lets a change made right before it into the spool and ends with a final heartbeat", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    const agent = await host.start();
    const settings = host.write(SETTINGS, "last words\n");
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    const events = await host.events();
    expect(eventsOf(events, settings).at(-1)?.evidence).toMatchObject({
      change_kind: "modified",
      after_hash: b3("last words\n"),
    });
    expect(events.at(-1)?.evidence).toMatchObject({ kind: "heartbeat", is_final: true });
    expect(ofKind(events, "heartbeat").filter(({ is_final }) => is_final)).toHaveLength(1);
  });

  it("does not wait for a long debounce", async () => {
    const host = createHost();
    host.write(SETTINGS, "{}\n");
    writePolicy(
      host,
      "settings: {settle: {critical_debounce_ms: 50000, critical_max_wait_ms: 50000}}\n",
    );
    const agent = await host.start();
    const settings = host.write(SETTINGS, "changed\n");
    await eventually(async () => (await host.status()).settling > 0);
    await agent.stop();
    expect(eventsOf(await host.events(), settings).at(-1)?.evidence).toMatchObject({
      change_kind: "modified",
      after_hash: b3("changed\n"),
    });
  });
});
