import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents, ofKind } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { MEMORY_MB } from "../load/during.ts";
import { LONG, show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { factsOf } from "../proc.ts";
import { fillDirectory } from "./make.ts";

/** Below what is looked at of a tree or a workspace: beyond it the limits are told, and others show that. */
const ENTRIES = LONG ? 190_000 : 40_000;
const SETTINGS = ".claude/settings.json";

describe(`a single directory of ${ENTRIES} entries`, () => {
  it.each([
    ["in a standard tree", ".claude/skills/pack"],
    ["beside critical files", ".claude"],
    ["as the home itself", "."],
    ["as a workspace", "code"],
  ])(
    "%s is read in bounded memory, and keeps no critical edit waiting",
    async (_where, at) => {
      const host = createHost();
      host.write(SETTINGS, "{}\n");
      host.write("code/app/.claude/settings.json", "{}\n");
      fillDirectory(host.path(at), ENTRIES);
      writePolicy(host, 'workspaces: ["~/code"]\n');
      const agent = await host.start();
      const edited = async (name: string, text: string) => {
        const path = host.write(name, text);
        const edit = await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
        return edit.evidence.evidence_quality === "delayed" ? 1 : 0;
      };
      let delayed = 0;
      for (const round of [1, 2, 3]) {
        delayed += await edited(SETTINGS, `{"edit":${round}}\n`);
        delayed += await edited("code/app/.claude/settings.json", `{"edit":${round}}\n`);
        host.write(`${at}/f-${round}.md`, "new\n");
      }
      const { peak, descriptors } = factsOf(agent.child.pid as number);
      const names = [SETTINGS, "code/app/.claude/settings.json"];
      const written = new Map(names.map((name) => [host.path(name), '{"edit":3}\n']));
      const lost = untold(agent, written).length;
      show({ rounds: 3, lost, did: { entries: ENTRIES, delayed, peak_mib: peak, descriptors } });
      expect(delayed).toBe(0);
      expect(peak).toBeLessThan(MEMORY_MB);
      expect(descriptors).toBeLessThan(200);
      expect(ofKind(agent.events, "watcher_degraded")).toEqual([]);
      await eventually(async () => (await host.status()).queue_depth === 0);
      expect(
        fileEvents(agent.events).filter(({ evidence }) => evidence.change_kind === "removed"),
      ).toEqual([]);
    },
    600_000,
  );
});
