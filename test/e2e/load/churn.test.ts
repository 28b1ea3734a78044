import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { lastStates, treeStates } from "../events.ts";
import { createHost, eventually, writePolicy } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow, untold } from "../loss/count.ts";
import { countBelow, during, expectUnharmed } from "./during.ts";
import { runScript } from "./program.ts";

const ROUNDS = LONG ? 60 : 6;

/** What a build does: a tree of small files made, renamed into place, and taken away again. */
const BUILD = `
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
const [app, rounds] = process.argv.slice(1);
for (let round = 0; round < rounds; round += 1) {
  for (const out of ["target/debug/deps", "node_modules/.cache/made", "build/.tmp"]) {
    rmSync(app + "/" + out, { recursive: true, force: true });
    for (let index = 0; index < 400; index += 1) {
      const folder = app + "/" + out + "/unit-" + (index % 40);
      mkdirSync(folder, { recursive: true });
      writeFileSync(folder + "/part.tmp", "x".repeat(index));
      renameSync(folder + "/part.tmp", folder + "/part-" + index + ".o");
    }
  }
}
`;

/** What an editor does at each save: a swap file, a backup, a new file in place of the old one. */
const EDITOR = `
import { renameSync, rmSync, writeFileSync } from "node:fs";
const [folder, rounds] = process.argv.slice(1);
for (let round = 0; round < rounds * 50; round += 1) {
  writeFileSync(folder + "/.SKILL.md.swp", "swap " + round);
  writeFileSync(folder + "/4913", "");
  rmSync(folder + "/4913");
  renameSync(folder + "/SKILL.md", folder + "/SKILL.md~");
  writeFileSync(folder + "/SKILL.md", "saved " + round + "\\n");
  rmSync(folder + "/SKILL.md~");
  rmSync(folder + "/.SKILL.md.swp");
  await new Promise((done) => setTimeout(done, 2));
}
`;

describe("a build that churns in a workspace", () => {
  it("costs no events, loses no project's watch, and keeps no critical edit elsewhere waiting", async () => {
    const host = createHost();
    host.write("code/app/.claude/settings.json", "{}\n");
    host.write("code/app/Cargo.toml", "[package]\n");
    writePolicy(host, 'workspaces: ["~/code"]\n');
    const agent = await host.start();
    const app = host.path("code/app");
    const before = countBelow(agent, app);
    const cost = await during(host, agent, () => runScript(BUILD, [app, `${ROUNDS}`], host.home));
    expectUnharmed(agent, cost);
    expect(countBelow(agent, app)).toBe(before);
    const settings = host.write("code/app/.claude/settings.json", '{"after":1}\n');
    const edit = await agent.saw(
      settings,
      ({ evidence }) => evidence.after_hash === b3('{"after":1}\n'),
    );
    expect(edit.evidence.evidence_quality).not.toBe("delayed");
    const edits = lostBelow(agent, host.path(".claude"));
    const lost = [...edits, ...untold(agent, new Map([[settings, '{"after":1}\n']]))].length;
    show({ rounds: ROUNDS, lost, did: { files: ROUNDS * 1200, ...cost } });
  }, 600_000);
});

describe("an editor that saves all the time beside its swap files", () => {
  it("has its last save told, and a bounded number of those before", async () => {
    const host = createHost();
    const skill = host.write(".claude/skills/one/SKILL.md", "first\n");
    const agent = await host.start();
    const folder = host.path(".claude/skills/one");
    const cost = await during(host, agent, () =>
      runScript(EDITOR, [folder, `${ROUNDS}`], host.home),
    );
    rmSync(`${folder}/4913`, { force: true });
    const last = b3(`saved ${ROUNDS * 50 - 1}\n`);
    await eventually(() => agent.of(skill).at(-1)?.evidence.after_hash === last, 75_000);
    await eventually(
      () =>
        JSON.stringify([...lastStates(agent.events, folder)]) ===
        JSON.stringify([...treeStates(folder)]),
      75_000,
    );
    // `rate.path_per_minute` is 120, its bucket as large; each save could have been one event or more.
    const minutes = 1 + ROUNDS;
    expect(agent.of(skill).length).toBeLessThan(Math.min(ROUNDS * 50, 120 * minutes) + 1);
    expectUnharmed(agent, cost);
    const lost = lostBelow(agent, folder).length;
    show({ rounds: ROUNDS * 50, lost, did: { events: agent.of(skill).length, ...cost } });
  }, 600_000);
});
