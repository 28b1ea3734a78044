import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { lastStates, treeStates } from "../events.ts";
import {
  cannot,
  createHost,
  eventually,
  writePolicy,
  type Agent,
  type TestHost,
} from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";
import { has, last } from "./told.ts";

const LEVELS = ["l1", "l2", "l3", "l4", "l5"];

/** A policy with two roots five levels down, one of each kind of watcher. */
const DEEP = `targets:
  - {id: deep, tier: critical, recursive: true, paths: ["~/${LEVELS.join("/")}/guard"]}
  - {id: tree, tier: standard, paths: ["~/${LEVELS.join("/")}/notes/**"]}
`;
const FILES = [`${LEVELS.join("/")}/guard/in/hook.sh`, `${LEVELS.join("/")}/notes/in/note.md`];

/** Makes the missing levels in one of many ways: step by step, at once, moved in with all there is below, linked. */
async function appear(host: TestHost, random: () => number, text: string): Promise<string> {
  const from = Math.floor(random() * LEVELS.length);
  const above = LEVELS.slice(0, from).join("/");
  const way = ["steps", "at once", "moved", "linked"][Math.floor(random() * 4)] as string;
  mkdirSync(host.path(above), { recursive: true });
  if (way === "moved" || way === "linked") {
    const root = join("staged", String(random()));
    for (const name of FILES) host.write(join(root, name), text);
    const [there, here] = [LEVELS.slice(0, from + 1).join("/"), LEVELS[from] as string];
    if (way === "moved") renameSync(host.path(join(root, there)), host.path(join(above, here)));
    else symlinkSync(host.path(join(root, there)), host.path(join(above, here)));
  } else {
    for (let level = from; way === "steps" && level < LEVELS.length; level += 1) {
      mkdirSync(host.path(LEVELS.slice(0, level + 1).join("/")));
      await sleep(random() * 60);
    }
    for (const name of FILES) host.write(name, text);
  }
  return `${way} from level ${from}`;
}

describe("roots of which five levels are missing", () => {
  it("are watched however they appear, and again after any of the levels is gone", async () => {
    const host = createHost();
    writePolicy(host, DEEP);
    const agent = await host.start();
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    const rounds = LONG ? 120 : 8;
    const random = seeded(LONG ? Date.now() : 5);
    let told = 0;
    for (let round = 0; round < rounds; round += 1) {
      const how = await appear(host, random, `appeared ${round}\n`);
      for (const name of FILES)
        await eventually(() => {
          const event = agent.of(host.path(name)).at(-1);
          expect(event && has(`appeared ${round}\n`)(event), `${name} ${how}`).toBe(true);
          return true;
        });
      for (const name of FILES) {
        host.write(name, `edited ${round}\n`);
        const event = await agent.saw(host.path(name), has(`edited ${round}\n`));
        expect(event.evidence.evidence_quality, `${name} ${how}`).not.toBe("delayed");
        told += 1;
      }
      rmSync(host.path("l1"), { recursive: true });
      for (const name of FILES)
        await eventually(() => {
          expect(last(agent, host.path(name))?.change_kind, `${name} ${how}`).toBe("removed");
          return true;
        });
    }
    show({ rounds, lost: rounds * FILES.length - told, did: { edits: told } });
  }, 600_000);
});

/** A recursive root, and another inside it: on the way to that one lies a directory of the first. */
const NESTED = `targets:
  - {id: outer, tier: critical, recursive: true, paths: ["~/outer"]}
  - {id: inner, tier: critical, recursive: true, paths: ["~/outer/way/inner"]}
`;

describe("a directory of one root on the way to another", () => {
  it("has all that is below it watched from the start", async () => {
    const host = createHost();
    const files = ["outer/way/other/a.sh", "outer/way/other/deep/b.sh", "outer/way/c.sh"];
    for (const name of files) host.write(name, "old\n");
    writePolicy(host, NESTED);
    const agent = await host.start();
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    let told = 0;
    for (const name of files) {
      host.write(name, "edited\n");
      const event = await agent.saw(host.path(name), has("edited\n"));
      expect(event.evidence.evidence_quality, name).not.toBe("delayed");
      told += 1;
    }
    show({ rounds: 1, lost: files.length - told, did: { edits: told } });
  }, 600_000);
});

/** Each file that is there below a directory, and none that is not, told by the events. */
async function settles(agent: Agent, directory: string): Promise<number> {
  await eventually(() => {
    expect(lastStates(agent.events, directory)).toEqual(treeStates(directory));
    return true;
  }, 600_000);
  return treeStates(directory).size;
}

describe("directories made and filled at once", () => {
  it("by mkdir -p and a write, by a copy or a move from another filesystem, are told file by file, in every target", async ({
    skip,
  }) => {
    const host = createHost();
    const bases = [".claude/hooks", ".claude/skills", ".claude/agents"];
    for (const base of bases) host.write(`${base}/there.md`, "there\n");
    const other = mkdtempSync("/dev/shm/sigil-");
    onTestFinished(() => rmSync(other, { recursive: true, force: true }));
    if (
      execFileSync("stat", ["-c", "%d", other, host.home], { encoding: "utf8" }).match(
        /^(\d+)\n\1\n/,
      )
    )
      cannot(skip, "there is no second filesystem");
    for (let file = 0; file < 30; file += 1) {
      const at = join(other, "pack", `d${file % 5}`, "e".repeat(file % 3), `f${file}`);
      mkdirSync(join(at, ".."), { recursive: true });
      writeFileSync(at, `${file}\n`);
    }
    const agent = await host.start();
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    // What was there at the start is told of critical targets only: from here on, of all.
    for (const base of bases) host.write(`${base}/there.md`, "edited\n");
    const rounds = LONG ? 40 : 3;
    let files = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const base of bases) {
        const to = host.path(`${base}/r${round}`);
        for (let deep = 0; deep < 8; deep += 1)
          host.write(`${base}/r${round}-made/${"a/".repeat(deep)}c${deep}/f`, `${round} ${deep}\n`);
        execFileSync("cp", ["-a", join(other, "pack"), to]);
        execFileSync("cp", ["-a", join(other, "pack"), join(other, `again${round}`)]);
        execFileSync("mv", [join(other, `again${round}`), `${to}-moved`]);
      }
      for (const base of bases) files += await settles(agent, host.path(base));
      for (const base of bases)
        for (const made of [`r${round}`, `r${round}-made`, `r${round}-moved`])
          rmSync(host.path(`${base}/${made}`), { recursive: true });
    }
    for (const base of bases) await settles(agent, host.path(base));
    const lost = bases.flatMap((base) => lostBelow(agent, host.path(base))).length;
    show({ rounds, lost, did: { files } });
  }, 600_000);
});
