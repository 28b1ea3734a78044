import { chdir, cwd } from "node:process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { fileEvents, ofKind } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";
import { show } from "../long.ts";
import { untold } from "../loss/count.ts";
import { factsOf } from "../proc.ts";

const LEVELS = 4000;
const HERE = cwd();

afterEach(() => chdir(HERE));

/** Nests directories step by step: the path of most of them is longer than the system takes. */
function nest(directory: string): void {
  mkdirSync(directory, { recursive: true });
  chdir(directory);
  for (let level = 0; level < LEVELS; level += 1) {
    mkdirSync("deep");
    chdir("deep");
  }
  writeFileSync("leaf", "x\n");
  chdir(HERE);
}

/** Takes it apart from the top: no path that is removed is long. */
function unnest(directory: string): void {
  const aside = `${directory}-aside`;
  for (let level = 0; level <= LEVELS; level += 100) {
    const below = `${directory}${"/deep".repeat(100)}`;
    try {
      renameSync(below, aside);
    } catch {
      break;
    }
    rmSync(directory, { recursive: true, force: true });
    renameSync(aside, directory);
  }
  rmSync(directory, { recursive: true, force: true });
}

function withNest(at: string): TestHost {
  const host = createHost();
  host.write(".claude/settings.json", "{}\n");
  host.write(".claude/skills/a/SKILL.md", "before\n");
  host.write(".claude/skills/z/SKILL.md", "before\n");
  host.write(".claude/hooks/check.sh", "before\n");
  nest(host.path(at));
  return host;
}

describe("directories nested 4,000 levels deep", () => {
  for (const at of [".claude/skills/m", ".claude/hooks/m"])
    it(`in ${at} end neither the agent nor the watching of their neighbors, and are told once`, async () => {
      const host = withNest(at);
      try {
        writePolicy(
          host,
          "settings: {watch: {poll_standard_interval_ms: 500, recheck_ms: 500, retry_ms: 50}}\n",
        );
        const agent = await host.start();
        const written = new Map<string, string>();
        for (const round of [1, 2, 3]) {
          const text = `after ${round}\n`;
          const names = [
            "settings.json",
            "skills/a/SKILL.md",
            "skills/z/SKILL.md",
            "hooks/check.sh",
          ];
          for (const name of names) {
            const path = host.write(`.claude/${name}`, text);
            await agent.saw(path, ({ evidence }) => evidence.after_hash === b3(text));
            written.set(path, text);
          }
        }
        const degraded = ofKind(agent.events, "watcher_degraded");
        const said = degraded.filter(({ reason }) => reason !== "event_loop_stall");
        expect(said.length).toBeLessThanOrEqual(3);
        expect(said.length).toBeGreaterThan(0);
        for (const { detail } of said) expect((detail ?? "").length).toBeLessThan(1000);
        await eventually(async () =>
          (await host.status()).conditions.some(({ code }) =>
            ["watching-by-polling", "sweep-limit"].includes(code),
          ),
        );
        expect(
          fileEvents(agent.events).filter(({ evidence }) => evidence.change_kind === "removed"),
        ).toEqual([]);
        const { peak, descriptors } = factsOf(agent.child.pid as number);
        expect(descriptors).toBeLessThan(500);
        const lost = untold({ events: await host.events() }, written).length;
        show({ rounds: 3, lost, did: { levels: LEVELS, peak_mib: peak, descriptors } });
      } finally {
        unnest(host.path(at));
      }
    }, 120_000);
});
