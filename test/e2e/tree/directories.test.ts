import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { factsOf } from "../proc.ts";
import { doctorSays } from "./doctor.ts";

const DIRECTORIES = LONG ? 20_000 : 2000;
const WATCHES = LONG ? 8192 : 600;
const SETTINGS = ".claude/settings.json";
/** In a directory that is a place of its own, not one on the way to others. */
const HOOK = ".claude/hooks/check.sh";

function makeDirectories(host: TestHost, at: string): void {
  for (let index = 0; index < DIRECTORIES; index += 1)
    mkdirSync(host.path(`${at}/d${index % 50}/e${index}`), { recursive: true });
}

describe("more directories than there are watches", () => {
  it.each([
    ["a workspace", "code"],
    ["hooks of a project", "code/evil/.claude/hooks"],
    ["the user's own hooks", ".claude/hooks"],
  ])(
    "in %s leave the guard files of the user their watches, and are told",
    async (_where, at) => {
      const host = createHost();
      host.write(SETTINGS, "{}\n");
      host.write(".codex/config.toml", "");
      host.write(HOOK, "");
      host.write("code/mine/.claude/settings.json", "{}\n");
      makeDirectories(host, at);
      writePolicy(host, `workspaces: ["~/code"]\nsettings: {watch: {max_shallow: ${WATCHES}}}\n`);
      const agent = await host.start();
      let delayed = 0;
      const names = [SETTINGS, ".codex/config.toml", HOOK];
      for (const name of [...names, ...names]) {
        const text = `# ${name} ${delayed}\n`;
        const path = host.write(name, text);
        const edit = await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
        if (edit.evidence.evidence_quality === "delayed") delayed += 1;
        host.write(name, "");
        await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(""));
      }
      const said = ofKind(agent.events, "watcher_degraded").map(({ reason }) => reason);
      const { peak, descriptors } = factsOf(agent.child.pid as number);
      const { watched_directories: watches } = await host.status();
      const last = new Map(names.map((name) => [host.path(name), ""]));
      await eventually(() => untold(agent, last).length === 0);
      show({
        rounds: 6,
        lost: untold(agent, last).length,
        did: { directories: DIRECTORIES, delayed, watches, peak_mib: peak, descriptors },
      });
      expect(delayed).toBe(0);
      expect(said).toContain("watches_exhausted");
      await eventually(
        async () => (await doctorSays(host)).includes("watching-by-polling"),
        60_000,
      );
      // Without a watch of its own a file is still found: by polling.
      const other = host.write("code/mine/.claude/settings.json", '{"edited":1}\n');
      await eventually(
        () => agent.of(other).at(-1)?.evidence.after_hash === b3('{"edited":1}\n'),
        60_000,
      );
    },
    600_000,
  );
});
