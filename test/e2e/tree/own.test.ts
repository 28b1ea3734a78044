import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents } from "../events.ts";
import { createHost, writePolicy } from "../harness.ts";

const STATE = ".local/state/sigil";

describe("a target that leads to where the agent itself writes", () => {
  it("does not make each event the cause of the next", async () => {
    const host = createHost();
    const settings = host.write(".claude/settings.json", "{}\n");
    host.write(".claude/hooks/check.sh", "x\n");
    mkdirSync(host.path(STATE), { recursive: true });
    symlinkSync(host.path(STATE), host.path(".claude/hooks/state"));
    symlinkSync(host.path(`${STATE}/events`), host.path(".claude/hooks/events"));
    symlinkSync(host.path(`${STATE}/state.db-wal`), host.path(".claude/hooks/wal"));
    symlinkSync(
      host.path(`${STATE}/events/00000000000000000001.jsonl`),
      host.path(".claude/hooks/segment"),
    );
    writePolicy(
      host,
      'targets: [{id: all, description: x, tier: standard, platform: any, paths: ["~/.local"], recursive: true}]\n',
    );
    const agent = await host.start();
    for (const text of ["one\n", "two\n", "three\n"]) {
      host.write(".claude/settings.json", text);
      await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3(text));
    }
    // Seen before all that was written for the first three, were it seen at all.
    const other = host.write(".local/share/other", "x\n");
    await agent.saw(other);
    const about = fileEvents(agent.events).filter(
      ({ subject, evidence }) =>
        subject.kind === "path" &&
        evidence.after_hash !== null &&
        /\/sigil\/(?:events|state\.db)|\/hooks\/(?!check)/.test(subject.value),
    );
    expect(about.map(({ subject }) => subject)).toEqual([]);
  }, 60_000);
});
