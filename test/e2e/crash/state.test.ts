import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { lastStates, treeStates } from "../events.ts";
import { createHost, type TestHost } from "../harness.ts";
import { LONG, seeded, show } from "../long.ts";

const FLIPS = LONG ? 40 : 2;
const CUTS = LONG ? 12 : 1;

function clear(host: TestHost): void {
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(host.stateDb + suffix, { recursive: true, force: true });
}

function flip(bytes: Buffer, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[at] = (flipped[at] ?? 0) ^ 0xff;
  return flipped;
}

/** What may be found where the state database was. */
function damages(sound: Buffer, random: () => number) {
  const named: [string, (host: TestHost) => void][] = [
    ["a link to nothing", (host) => symlinkSync(host.path("nowhere"), host.stateDb)],
    ["a log without its database", ({ stateDb }) => writeFileSync(`${stateDb}-wal`, sound)],
  ];
  if (LONG) named.push(["an empty file", ({ stateDb }) => writeFileSync(stateDb, "")]);
  for (let count = 0; count < CUTS; count += 1) {
    const length = Math.floor(random() * sound.length);
    named.push([`cut to ${length}`, (h) => writeFileSync(h.stateDb, sound.subarray(0, length))]);
  }
  for (let count = 0; count < FLIPS; count += 1) {
    const at = Math.floor(random() * sound.length);
    named.push([`byte ${at} flipped`, (h) => writeFileSync(h.stateDb, flip(sound, at))]);
  }
  return named;
}

function foreign(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE meta (other TEXT); CREATE TABLE paths (x); INSERT INTO paths VALUES (1)");
  db.close();
}

describe("what stands where the state database was", () => {
  it(
    "keeps no agent from starting and telling what is on disk",
    async () => {
      const host = createHost();
      for (let index = 0; index < 40; index += 1)
        host.write(`.claude/hooks/f${index}`, `${index}\n`);
      await (await host.start()).stop();
      const kept = host.path("sound.db");
      copyFileSync(host.stateDb, kept);
      const sound = readFileSync(kept);
      const hooks = host.path(".claude/hooks");
      const cases = damages(sound, seeded(41));
      const failed: string[] = [];
      for (const [what, make] of cases) {
        clear(host);
        make(host);
        host.write(".claude/hooks/f1", `${what}, before\n`);
        const agent = await host.start({ ready: false });
        try {
          const begun = await Promise.race([agent.ended, watching(agent.log)]);
          if (begun !== "watching") throw new Error(agent.log().slice(-300));
          const path = host.write(".claude/hooks/f2", `${what}, while it runs\n`);
          await agent.saw(path);
          await agent.stop();
          const told = lastStates(await host.events(), hooks);
          const there = treeStates(hooks);
          const wrong = [...there].filter(([one, digest]) => told.get(one) !== digest);
          if (wrong.length > 0) throw new Error(`${wrong.length} files wrong`);
        } catch (error) {
          failed.push(`${what}: ${String(error)}`);
          await agent.kill();
        }
      }
      show({ rounds: cases.length, lost: failed.length, did: { damages: cases.length } });
      expect(failed).toEqual([]);
    },
    LONG ? 900_000 : 180_000,
  );
});

describe("what was never a state database", () => {
  it.each([
    ["a directory", "not a file", (path: string) => mkdirSync(path)],
    ["a pipe", "not a file", (path: string) => execFileSync("mkfifo", [path])],
    ["another program's database", "another program's", foreign],
  ])("is refused with a code and left as it is: %s", async (_what, why, make) => {
    const host = createHost();
    mkdirSync(dirname(host.stateDb), { recursive: true });
    make(host.stateDb);
    const before = lstatSync(host.stateDb);
    const agent = await host.start({ ready: false });
    expect(await agent.ended).toEqual({ code: 4, signal: null });
    expect(agent.log()).toContain(why);
    expect(agent.log()).toMatch(/\[SIGIL_STATE_UNUSABLE\]$/m);
    expect(lstatSync(host.stateDb).ino).toBe(before.ino);
  });
});

describe("a state database of a newer version", () => {
  it("is refused with a code, and left as it is", async () => {
    const host = createHost();
    await (await host.start()).stop();
    const db = new DatabaseSync(host.stateDb);
    db.exec("PRAGMA user_version = 99");
    db.close();
    const before = readFileSync(host.stateDb);
    const agent = await host.start({ ready: false });
    expect(await agent.ended).toEqual({ code: 4, signal: null });
    expect(agent.log()).toMatch(/\[SIGIL_STATE_NEWER\]$/m);
    expect(readFileSync(host.stateDb).equals(before)).toBe(true);
  });
});

describe("a damaged note in the state database", () => {
  it("keeps no agent from starting", async () => {
    const host = createHost();
    await (await host.start()).stop();
    const db = new DatabaseSync(host.stateDb);
    expect(
      db.prepare("UPDATE meta SET value = '{\"a' WHERE key <> 'epoch'").run().changes,
    ).not.toBe(0);
    db.close();
    const agent = await host.start();
    const settings = host.write(".claude/settings.json", "{}\n");
    await agent.saw(settings);
  });
});

async function watching(log: () => string): Promise<"watching"> {
  while (!log().includes('"msg":"watching"')) await new Promise((done) => setTimeout(done, 20));
  return "watching";
}
