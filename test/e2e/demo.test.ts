import { readFileSync, renameSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { eventsOf } from "./events.ts";
import { createHost, eventually } from "./harness.ts";

const BEFORE = '{"permissions":{"deny":["Bash(rm:*)"]}}\n';
const AFTER = '{"permissions":{}}\n';

describe("the four edits of the demonstration", () => {
  describe("when the agent prints JSON", () => {
    it("are one valid event each, with hashes computed apart from the agent", async () => {
      const host = createHost();
      host.write(".claude/settings.json", BEFORE);
      host.write(".claude/hooks/guard.sh", "exit 2\n");
      host.write(".bashrc", "alias ll='ls -l'\n");
      const agent = await host.start();

      const settings = host.write(".claude/settings.json", AFTER);
      await agent.saw(settings, changed("modified"));
      host.write("outside/guard.sh", "exit 0\n");
      const hook = host.path(".claude/hooks/guard.sh");
      renameSync(host.path("outside/guard.sh"), hook);
      await agent.saw(hook, changed("modified"));
      const mcp = host.write(".cursor/mcp.json", "{}\n");
      await agent.saw(mcp, changed("created"));
      const bashrc = host.append(".bashrc", "export ANTHROPIC_BASE_URL=x\n");
      await agent.saw(bashrc, changed("modified"));
      expect(await agent.stop()).toEqual({ code: 0, signal: null });

      const events = await host.events();
      const since = (path: string) =>
        eventsOf(events, path).filter(({ evidence }) => evidence.change_kind !== "discovered");
      expect(since(settings)).toEqual([
        {
          ...since(settings)[0],
          severity: "warn",
          source: { kind: "file_system" },
          subject: { kind: "path", value: settings },
          target_id: "claude-code-user-settings",
          evidence: {
            kind: "file_change",
            change_kind: "modified",
            before_hash: b3(BEFORE),
            after_hash: b3(AFTER),
            size_after: AFTER.length,
            evidence_quality: "definitive",
            coalesced_count: expect.any(Number) as number,
            rename_from: null,
            mode_before: "0644",
            mode_after: "0644",
            symlink_target: null,
            git_tracked: null,
          },
        },
      ]);
      expect(since(hook)).toMatchObject([
        {
          severity: "warn",
          target_id: "claude-code-user-hooks",
          evidence: {
            change_kind: "modified",
            before_hash: b3("exit 2\n"),
            after_hash: b3("exit 0\n"),
            rename_from: null,
          },
        },
      ]);
      expect(since(mcp)).toMatchObject([
        {
          severity: "warn",
          target_id: "cursor-user-settings",
          evidence: { change_kind: "created", before_hash: null, after_hash: b3("{}\n") },
        },
      ]);
      expect(since(bashrc)).toMatchObject([
        {
          severity: "warn",
          target_id: "shell-user-startup",
          evidence: {
            change_kind: "modified",
            before_hash: b3("alias ll='ls -l'\n"),
            after_hash: b3(readFileSync(bashrc)),
          },
        },
      ]);
    });
  });

  describe("when the agent prints text", () => {
    it("are one readable line each, with the home as ~ and the target", async () => {
      const host = createHost();
      host.write(".claude/settings.json", BEFORE);
      const agent = await host.start({ print: "text" });
      host.write(".claude/settings.json", AFTER);
      host.write(".cursor/mcp.json", "{}\n");
      const line = (text: RegExp) => eventually(() => agent.lines.find((one) => text.test(one)));
      expect(await line(/settings\.json/)).toBeDefined();
      const modified = await line(/modified/);
      const created = await line(/created/);
      expect(modified).toMatch(
        /^\d\d:\d\d:\d\d\.\d{3} {2}warn .*modified .*~\/\.claude\/settings\.json {2}\[claude-code-user-settings\]$/,
      );
      expect(created).toMatch(
        /^\d\d:\d\d:\d\d\.\d{3} {2}warn .*created .*~\/\.cursor\/mcp\.json {2}\[cursor-user-settings\]$/,
      );
    });
  });
});

function changed(kind: string) {
  return ({ evidence }: { evidence: { change_kind: string } }) => evidence.change_kind === kind;
}
