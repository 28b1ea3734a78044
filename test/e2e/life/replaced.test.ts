import { renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { createHost, eventually, type TestHost } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { has, last } from "./told.ts";

const FILES = [
  ".claude/settings.json",
  ".claude/hooks/guard.sh",
  ".claude/hooks/deep/er/guard.sh",
  ".claude/skills/one/SKILL.md",
  ".claude/agents/deep/er/agent.md",
];
const ROUNDS = LONG ? 40 : 4;

function fill(host: TestHost, under: string, text: string): void {
  for (const name of FILES) host.write(name.replace(".claude", under), `${text} ${name}\n`);
}

/** Everything is told, and everything in the directory that is there now is watched, at once and file by file. */
async function follows(
  swap: (host: TestHost, round: number) => void,
  rounds = ROUNDS,
): Promise<void> {
  const host = createHost();
  fill(host, ".claude", "first");
  const agent = await host.start();
  await agent.saw(host.path(".claude/settings.json"));
  await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
  let did = 0;
  for (let round = 0; round < rounds; round += 1) {
    swap(host, round);
    for (const name of FILES) {
      const text = `swapped ${round} ${name}\n`;
      await eventually(() => {
        expect(last(agent, host.path(name))?.after_hash, name).toBe(b3(text));
        return true;
      });
    }
    for (const name of FILES) {
      const text = `edited ${round} ${name}\n`;
      host.write(name, text);
      const event = await agent.saw(host.path(name), has(text));
      // Seen by its watcher: a sweep is not due for minutes.
      expect(event.evidence.evidence_quality, name).not.toBe("delayed");
      did += 1;
    }
  }
  show({ rounds, lost: rounds * FILES.length - did, did: { edits: did } });
}

describe("a directory replaced under its watchers", () => {
  it("by another of the same names, moved in at once, is watched in all its parts", async () => {
    await follows((host, round) => {
      fill(host, "staged", `swapped ${round}`);
      renameSync(host.path(".claude"), host.path(`old${round}`));
      renameSync(host.path("staged"), host.path(".claude"));
    });
  }, 600_000);

  it("by one made anew at once, with inode numbers used again, is watched in all its parts", async () => {
    await follows((host, round) => {
      rmSync(host.path(".claude"), { recursive: true });
      fill(host, ".claude", `swapped ${round}`);
    });
  }, 600_000);
});
