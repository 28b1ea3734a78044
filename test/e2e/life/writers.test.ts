import { execFileSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { eventsOf, lastStates, treeStates } from "../events.ts";
import { createHost, eventually } from "../harness.ts";
import { LONG, show } from "../long.ts";
import { lostBelow } from "../loss/count.ts";
import { has } from "./told.ts";

/** Saves a file as one program does, call by call. */
type Save = (path: string, text: string) => void;

function durable(path: string, text: string, flags = "w"): void {
  const file = openSync(path, flags, 0o644);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

function inPlace(path: string, text: string): void {
  const file = openSync(path, "r+");
  ftruncateSync(file, 0);
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
}

/** `4913` is how vim asks whether it may write here; the swap file is there while the file is edited. */
function asVim(path: string, save: () => void): void {
  const swap = join(dirname(path), ".guard.swp");
  const probe = join(dirname(path), "4913");
  writeFileSync(swap, "b0VIM 9.0");
  closeSync(openSync(probe, "wx"));
  unlinkSync(probe);
  save();
  unlinkSync(swap);
}

function withLock(path: string, save: () => void): void {
  const lock = join(dirname(path), ".#guard");
  symlinkSync("me@here.1234:1", lock);
  expect(readlinkSync(lock)).toContain("1234");
  save();
  unlinkSync(lock);
}

let staged = 0;

/** Programs that are on every Linux system, run as a person would. */
function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: "ignore" });
}

function elsewhere(text: string, use: (from: string) => void): void {
  const from = join("/dev/shm", `sigil-${process.pid}-${(staged += 1)}`);
  writeFileSync(from, text);
  try {
    use(from);
  } finally {
    rmSync(from, { force: true });
  }
}

const WRITERS: Readonly<Record<string, Save>> = {
  "vim, with the old file renamed to the backup": (path, text) =>
    asVim(path, () => {
      renameSync(path, `${path}~`);
      durable(path, text, "wx");
      unlinkSync(`${path}~`);
    }),
  "vim, with a copy as the backup": (path, text) =>
    asVim(path, () => {
      copyFileSync(path, `${path}~`);
      inPlace(path, text);
      unlinkSync(`${path}~`);
    }),
  "VS Code, in place": inPlace,
  "VS Code, atomically": (path, text) => {
    durable(`${path}.vsctmp`, text);
    renameSync(`${path}.vsctmp`, path);
  },
  "Claude Code": (path, text) => {
    const beside = `${path}.tmp.${process.pid}.${(staged += 1)}`;
    durable(beside, text, "wx");
    renameSync(beside, path);
  },
  Emacs: (path, text) =>
    withLock(path, () => {
      renameSync(path, `${path}~`);
      durable(path, text, "wx");
      unlinkSync(`${path}~`);
    }),
  "an IDE that renames twice": (path, text) => {
    durable(`${path}___tmp___`, text);
    renameSync(path, `${path}___old___`);
    renameSync(`${path}___tmp___`, path);
    unlinkSync(`${path}___old___`);
  },
  "sed -i": (path, text) => run("sed", "-i", `1,$c\\${text.trimEnd()}`, path),
  "sed -i.bak": (path, text) => {
    run("sed", "-i.bak", `1,$c\\${text.trimEnd()}`, path);
    unlinkSync(`${path}.bak`);
  },
  install: (path, text) => elsewhere(text, (from) => run("install", "-m", "644", from, path)),
  "cp --remove-destination": (path, text) =>
    elsewhere(text, (from) => run("cp", "--remove-destination", from, path)),
  "mv from another filesystem": (path, text) => elsewhere(text, (from) => run("mv", from, path)),
  "a shell that appends": (path, text) => {
    run("sh", "-c", ': > "$1"; printf %s "$2" >> "$1"', "sh", path, text);
  },
};

const ROUNDS = LONG ? 25 : 1;

describe("a guard file that is saved", () => {
  it("by any editor or tool is told as modified, with its last contents, and never as gone", async () => {
    const host = createHost();
    const files = [".claude/settings.json", ".claude/hooks/guard.sh", ".claude/agents/a.md"];
    for (const name of files) host.write(name, "first\n");
    const agent = await host.start();
    await agent.saw(host.path(".claude/hooks/guard.sh"));
    await eventually(() => host.status().then(({ last_sweep_age_s: age }) => age !== null));
    let saves = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [writer, save] of Object.entries(WRITERS)) {
        for (const name of files) {
          const text = `${writer} saves ${name}, ${round}\n`;
          save(host.path(name), text);
          const { evidence } = await agent.saw(host.path(name), has(text));
          expect(evidence.evidence_quality, text).not.toBe("delayed");
          saves += 1;
        }
      }
    }
    await agent.stop();
    const events = await host.events();
    for (const name of files) {
      const chain = eventsOf(events, host.path(name)).map(({ evidence }) => evidence);
      const kinds = chain.slice(1).map(({ change_kind }) => change_kind);
      expect(kinds.filter((kind) => kind === "removed" || kind === "renamed")).toEqual([]);
      for (const [index, { before_hash }] of chain.slice(1).entries())
        expect(before_hash, `${name} ${index}`).toBe(chain[index]?.after_hash);
    }
    // Nothing is left of what the writers had beside the file while they wrote.
    const there = treeStates(host.path(".claude"));
    expect(lastStates(events, host.path(".claude"))).toEqual(there);
    expect([...there.keys()]).toHaveLength(files.length);
    expect([...there.values()]).toEqual(
      [...there.keys()].map((path) =>
        b3(`a shell that appends saves ${path.slice(host.home.length + 1)}, ${ROUNDS - 1}\n`),
      ),
    );
    const wanted = ROUNDS * Object.keys(WRITERS).length * files.length;
    show({ rounds: ROUNDS, lost: wanted - saves, did: { saves } });
  }, 600_000);
});

describe("a guard file that is deleted", () => {
  it("and made again, at once or later, with the same contents or others, is followed each time", async () => {
    const host = createHost();
    const files = [".claude/settings.json", ".claude/hooks/guard.sh"];
    for (const name of files) host.write(name, "same\n");
    const agent = await host.start();
    await agent.saw(host.path(".claude/hooks/guard.sh"));
    const rounds = LONG ? 60 : 3;
    for (let round = 0; round < rounds; round += 1) {
      for (const name of files) {
        const path = host.path(name);
        const was = agent.of(path).length;
        // With a pause: it is gone, and comes again as it was.
        unlinkSync(path);
        await eventually(() => agent.of(path).at(-1)?.evidence.change_kind === "removed");
        host.write(name, "same\n");
        await eventually(() => agent.of(path).at(-1)?.evidence.change_kind === "created");
        // At once, with other contents, and with the same again.
        unlinkSync(path);
        host.write(name, `other ${round}\n`);
        const other = await agent.saw(path, has(`other ${round}\n`));
        expect(other.evidence).toMatchObject({
          change_kind: "modified",
          before_hash: b3("same\n"),
        });
        unlinkSync(path);
        host.write(name, `other ${round}\n`);
        unlinkSync(path);
        host.write(name, "same\n");
        await eventually(() => agent.of(path).at(-1)?.evidence.after_hash === b3("same\n"));
        const kinds = agent
          .of(path)
          .slice(was)
          .map(({ evidence }) => evidence.change_kind);
        expect(kinds.slice(0, 3), name).toEqual(["removed", "created", "modified"]);
      }
    }
    await agent.stop();
    const events = await host.events();
    expect(lastStates(events, host.path(".claude"))).toEqual(treeStates(host.path(".claude")));
    const lost = lostBelow({ events }, host.path(".claude")).length;
    show({ rounds, lost, did: { deletions: rounds * files.length * 4 } });
  }, 600_000);
});
