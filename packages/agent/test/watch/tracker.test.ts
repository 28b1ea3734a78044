import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PathKey } from "@sigil/core";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { bytesOfKey, joinKey } from "../../src/fs/keys.ts";
import { isTree } from "../../src/watch/forest.ts";
import { root } from "../build.ts";
import { closeTrackers, startTracker } from "./tracking.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await closeTrackers();
  dir.remove();
});

/** Waits until a path is hinted, and forgets the hints. */
async function hinted(hints: PathKey[], ...paths: readonly PathKey[]): Promise<void> {
  await eventually(() => {
    expect(hints).toEqual(expect.arrayContaining([...paths]));
  });
  hints.length = 0;
}

const hooks = () => root({ base: dir.at("home/.claude/hooks"), recursive: true });
const settingsFile = () => root({ base: dir.at("home/.claude/settings.json") });

describe("createTracker", () => {
  describe("when a patrol comes by a large tree in which a link lies", () => {
    it("does not take it for one that vanished, unless something of it is gone", async () => {
      const base = dir.mkdir("home/skills");
      const file = dir.write("home/skills/one/SKILL.md", "1");
      fs.symlinkSync("one", dir.at("home/skills/link"));
      const { tracker, stored, doubts } = await startTracker([
        root({ base, recursive: true, tier: "standard" }),
      ]);
      stored.push(...Array<PathKey>(2000).fill(file));
      tracker.setHops(dir.at("home/skills/link"), [dir.at("home/skills/link")]);
      tracker.check(base);
      expect(doubts).toEqual([]);
      fs.renameSync(base, dir.at("away"));
      tracker.check(base);
      expect(doubts).toContain("new_directory");
    });
  });

  describe("when a link to a directory appears where no root follows links", () => {
    it("hints the link and never looks through it", async () => {
      dir.mkdir("home/solid");
      const elsewhere = dir.write("elsewhere/a", "1");
      const base = dir.at("home/solid");
      const { hints, tracker } = await startTracker([
        root({ base, recursive: true, followSymlinks: false }),
      ]);
      const { watched } = tracker;
      fs.symlinkSync(dir.at("elsewhere"), dir.at("home/solid/link"));
      const after = dir.write("home/solid/z", "1");
      await eventually(() => expect(hints).toContain(after));
      expect(hints).toContain(dir.at("home/solid/link"));
      fs.writeFileSync(elsewhere, "2");
      fs.writeFileSync(dir.at("home/solid/zz"), "1");
      await eventually(() => expect(hints).toContain(dir.at("home/solid/zz")));
      expect(hints.filter((path) => path.includes("/link/"))).toEqual([]);
      expect(tracker.watched).toBe(watched);
    });
  });

  describe("when a link leads to its own directory and is touched again and again", () => {
    it("goes round once", async () => {
      dir.mkdir("home/.claude/hooks/s/t");
      const { hints, tracker } = await startTracker([hooks()]);
      const link = dir.at("home/.claude/hooks/s/c");
      fs.symlinkSync(".", link);
      await hinted(hints, joinKey(link, "c"));
      const { watched } = tracker;
      for (let time = 1; time <= 5; time += 1) {
        fs.lutimesSync(link, time, time);
        await hinted(hints, joinKey(link, "c"));
      }
      expect(tracker.watched).toBe(watched);
      const written = dir.write("home/.claude/hooks/s/t/a", "1");
      await eventually(() => expect(hints).toContain(written));
      expect(hints.filter((path) => path.includes("/c/c/"))).toEqual([]);
    });
  });

  describe("when a link, or where it leads, has a name that is not UTF-8", () => {
    // Linux only: names on macOS and Windows are always Unicode.
    it.skipIf(process.platform !== "linux")("hints the link when that place changes", async () => {
      dir.mkdir("home/.claude/hooks");
      dir.mkdir("away");
      const { hints, tracker } = await startTracker([hooks()]);
      const led = joinKey(dir.at("away"), Buffer.from("r\xff", "latin1"));
      const links = ["plain", Buffer.from("l\xff", "latin1")].map((name) =>
        joinKey(dir.at("home/.claude/hooks"), name),
      );
      for (const link of links) {
        fs.symlinkSync(bytesOfKey(led), bytesOfKey(link));
        tracker.setHops(link, [led]);
      }
      await hinted(hints, ...links);
      fs.writeFileSync(bytesOfKey(led), "1");
      await hinted(hints, ...links);
    });
  });

  describe("when all watchers are made again", () => {
    it("still watches where links lead", async () => {
      dir.mkdir("home/.claude/hooks");
      const led = dir.write("away/a", "1");
      const link = dir.at("home/.claude/hooks/a");
      fs.symlinkSync(led, link);
      const { hints, tracker } = await startTracker([hooks()]);
      tracker.setHops(link, [led]);
      await tracker.renew();
      hints.length = 0;
      fs.writeFileSync(led, "2");
      await hinted(hints, link);
    });
  });

  describe("when names nobody watches come beside a watched file", () => {
    it("counts each, for they take room in the kernel's queue, and hints none", async () => {
      dir.mkdir("home/.claude");
      const { hints, noticed } = await startTracker([settingsFile()]);
      for (let index = 0; index < 50; index += 1) dir.write(`home/.claude/junk${index}`, "x");
      await eventually(() => {
        expect(noticed()).toBeGreaterThanOrEqual(50);
      });
      expect(hints).toEqual([]);
    });
  });

  describe("when a watched file comes, changes and goes", () => {
    it("hints it each time, and nothing beside it", async () => {
      dir.mkdir("home/.claude");
      const { hints } = await startTracker([settingsFile()]);
      const path = dir.write("home/.claude/settings.json", "1");
      await hinted(hints, path);
      dir.write("home/.claude/other.json", "1");
      fs.writeFileSync(path, "2");
      await hinted(hints, path);
      dir.write("home/.claude/new", "3");
      fs.renameSync(dir.at("home/.claude/new"), path);
      await hinted(hints, path);
      fs.chmodSync(path, 0o600);
      await hinted(hints, path);
      fs.unlinkSync(path);
      await eventually(() => hints.includes(path));
      expect(new Set(hints)).toEqual(new Set([path]));
    });
  });

  describe("when a root is not there yet", () => {
    it("is seen when it is made with all its parents at once", async () => {
      const { hints } = await startTracker([hooks()]);
      fs.mkdirSync(dir.at("home/.claude/hooks/deep"), { recursive: true });
      const path = dir.write("home/.claude/hooks/deep/run.sh", "1");
      await hinted(hints, path);
      fs.writeFileSync(path, "2");
      await hinted(hints, path);
    });

    it("is seen when a directory that holds it is moved in", async () => {
      dir.write("elsewhere/.claude/hooks/run.sh", "1");
      dir.write("elsewhere/.claude/settings.json", "1");
      const { hints } = await startTracker([hooks(), settingsFile()]);
      fs.renameSync(dir.at("elsewhere"), dir.at("home"));
      const path = dir.at("home/.claude/hooks/run.sh");
      await hinted(hints, path, dir.at("home/.claude/settings.json"));
      fs.writeFileSync(path, "2");
      await hinted(hints, path);
    });
  });

  describe("when a populated directory is moved into a root", () => {
    it("hints everything in it, and what happens there later", async () => {
      dir.mkdir("home/.claude/hooks");
      dir.write("pack/a/one", "1");
      dir.write("pack/two", "1");
      const { hints } = await startTracker([hooks()]);
      fs.renameSync(dir.at("pack"), dir.at("home/.claude/hooks/pack"));
      const one = dir.at("home/.claude/hooks/pack/a/one");
      await hinted(hints, one, dir.at("home/.claude/hooks/pack/two"));
      fs.writeFileSync(one, "2");
      await hinted(hints, one);
    });

    it("leaves a very large one to a sweep", async () => {
      dir.mkdir("home/.claude/hooks");
      dir.mkdir("pack");
      for (let index = 0; index < 2100; index += 1) fs.writeFileSync(dir.at(`pack/${index}`), "");
      const { doubts } = await startTracker([hooks()]);
      fs.renameSync(dir.at("pack"), dir.at("home/.claude/hooks/pack"));
      await eventually(() => doubts.includes("new_directory"));
    });
  });

  describe("when a parent is renamed", () => {
    it("hints what was below it, and what is there when it comes back", async () => {
      const path = dir.write("home/.claude/hooks/run.sh", "1");
      const { hints, stored } = await startTracker([hooks()]);
      stored.push(path);
      fs.renameSync(dir.at("home"), dir.at("away"));
      await hinted(hints, path);
      fs.renameSync(dir.at("away"), dir.at("home"));
      await hinted(hints, path);
      fs.writeFileSync(path, "2");
      await hinted(hints, path);
    });

    it("hints nothing of what happens under the new name", async () => {
      const path = dir.write("home/.claude/hooks/run.sh", "1");
      const { hints, stored } = await startTracker([hooks()]);
      stored.push(path);
      fs.renameSync(dir.at("home"), dir.at("away"));
      await hinted(hints, path);
      dir.write("away/.claude/hooks/run.sh", "22");
      dir.mkdir("home/.claude/hooks");
      const other = dir.write("home/.claude/hooks/other.sh", "1");
      await eventually(() => hints.includes(other));
      expect(hints).not.toContain(path);
    });
  });

  describe("when a directory is deleted", () => {
    it("hints what was stored in it, and sees it when it is made again", async () => {
      const path = dir.write("home/.claude/hooks/run.sh", "1");
      const { hints, stored } = await startTracker([hooks()]);
      stored.push(path);
      fs.rmSync(dir.at("home/.claude"), { recursive: true });
      await hinted(hints, path);
      dir.write("home/.claude/hooks/run.sh", "2");
      await hinted(hints, path);
      fs.writeFileSync(path, "3");
      await hinted(hints, path);
    });
  });

  describe("when a directory is replaced by a link to another", () => {
    it("hints what was and what is there, and what happens where it leads", async () => {
      const old = dir.write("home/.claude/hooks/old.sh", "1");
      dir.write("evil/new.sh", "1");
      const { hints, stored } = await startTracker([hooks()]);
      stored.push(old);
      fs.renameSync(dir.at("home/.claude/hooks"), dir.at("away"));
      fs.symlinkSync(dir.at("evil"), dir.at("home/.claude/hooks"));
      await hinted(hints, old, dir.at("home/.claude/hooks"), dir.at("home/.claude/hooks/new.sh"));
      dir.write("evil/later.sh", "1");
      await hinted(hints, dir.at("home/.claude/hooks/later.sh"));
    });
  });

  describe("when a watched path is a link", () => {
    it("is hinted when what it leads to changes, is replaced or goes", async () => {
      const real = dir.write("dotfiles/settings.json", "1");
      dir.mkdir("home/.claude");
      const link = dir.at("home/.claude/settings.json");
      fs.symlinkSync(real, link);
      const { hints, tracker } = await startTracker([settingsFile()]);
      tracker.setHops(link, [real]);
      fs.writeFileSync(real, "2");
      await hinted(hints, link);
      dir.write("dotfiles/new", "3");
      fs.renameSync(dir.at("dotfiles/new"), real);
      await hinted(hints, link);
      fs.unlinkSync(real);
      await hinted(hints, link);
    });

    it("is hinted after a renewal as before it, and again once the place it leads to is watched", async () => {
      const real = dir.write("dotfiles/run.sh", "1");
      dir.mkdir("home/.claude/hooks");
      const link = dir.at("home/.claude/hooks/run.sh");
      fs.symlinkSync(real, link);
      const { hints, tracker } = await startTracker([hooks()]);
      tracker.setHops(link, [real]);
      // Between looking and watching, nobody would have told.
      expect(hints).toEqual([link]);
      tracker.setHops(link, [real]);
      expect(hints).toEqual([link]);
      await tracker.renew();
      hints.length = 0;
      fs.writeFileSync(real, "2");
      await hinted(hints, link);
    });

    it("is hinted when the first directory that lacks on its way appears", async () => {
      dir.mkdir("home/.claude/hooks");
      const link = dir.at("home/.claude/hooks/run.sh");
      fs.symlinkSync(dir.at("dotfiles/hooks/run.sh"), link);
      const { hints, tracker } = await startTracker([hooks()]);
      tracker.setHops(link, [dir.at("dotfiles/hooks/run.sh")]);
      hints.length = 0;
      dir.mkdir("dotfiles");
      await hinted(hints, link);
    });

    it("is hinted when it is swapped, and when a link between is", async () => {
      dir.write("v1/settings.json", "1");
      dir.write("v2/settings.json", "2");
      fs.symlinkSync("v1", dir.at("current"));
      dir.mkdir("home/.claude");
      const link = dir.at("home/.claude/settings.json");
      fs.symlinkSync(dir.at("current/settings.json"), link);
      const { hints } = await startTracker([settingsFile()]);
      fs.symlinkSync("v2", dir.at("next"));
      fs.renameSync(dir.at("next"), dir.at("current"));
      await hinted(hints, link);
      fs.unlinkSync(link);
      await hinted(hints, link);
    });

    it("is hinted when a directory above its base is a link that is swapped", async () => {
      dir.write("one/settings.json", "1");
      dir.write("two/settings.json", "2");
      dir.mkdir("home");
      fs.symlinkSync(dir.at("one"), dir.at("home/.claude"));
      const path = dir.at("home/.claude/settings.json");
      const { hints } = await startTracker([settingsFile()]);
      fs.symlinkSync(dir.at("two"), dir.at("home/next"));
      fs.renameSync(dir.at("home/next"), dir.at("home/.claude"));
      await hinted(hints, path);
      fs.writeFileSync(dir.at("two/settings.json"), "3");
      await hinted(hints, path);
    });
  });

  describe("when links lead in circles", () => {
    it("spends no watches on them", async () => {
      dir.write("home/.claude/hooks/run.sh", "1");
      for (const name of ["a", "b"]) fs.symlinkSync(".", dir.at(`home/.claude/hooks/${name}`));
      const { tracker, hints, doubts } = await startTracker([hooks()]);
      expect(doubts).toEqual([]);
      expect(tracker.exhausted).toBe(false);
      fs.writeFileSync(dir.at("home/.claude/hooks/run.sh"), "2");
      await hinted(hints, dir.at("home/.claude/hooks/run.sh"));
    });
  });

  describe("when very many links lead to one directory", () => {
    const LINKS = 50;
    const links = (base: string) =>
      Array.from({ length: LINKS }, (_, index) => dir.at(`${base}/to-${index}`));

    it("watches it through few of them in a tree, and through another when those are gone", async () => {
      dir.mkdir("tree");
      const led = dir.mkdir("away/real");
      const tree = root({ base: dir.at("tree"), recursive: true, tier: "standard" });
      for (const link of links("tree")) fs.symlinkSync(led, link);
      const { tracker, hints } = await startTracker([tree]);
      for (const link of links("tree")) tracker.setHops(link, [led]);
      const watched = links("tree").filter((link) => tracker.directories.includes(link));
      expect(watched.length).toBeGreaterThan(0);
      expect(watched.length).toBeLessThan(10);
      const rest = links("tree").filter((link) => !watched.includes(link));
      for (const link of watched) fs.unlinkSync(link);
      for (const link of rest) tracker.setHops(link, [led]);
      const now = rest.find((link) => tracker.directories.includes(link)) as string;
      hints.length = 0;
      dir.write("away/real/new.md", "1");
      await hinted(hints, joinKey(now, "new.md"));
    });

    it("takes few watches when the links come later, and when the directory does", async () => {
      dir.mkdir("home/.claude/hooks");
      const led = dir.mkdir("away/real");
      const { tracker, hints, doubts } = await startTracker([hooks()]);
      const before = tracker.watched;
      for (const link of links("home/.claude/hooks")) fs.symlinkSync(led, link);
      await hinted(hints, ...links("home/.claude/hooks"));
      for (const link of links("home/.claude/hooks")) tracker.setHops(link, [led]);
      expect(tracker.watched - before).toBeLessThan(20);
      fs.renameSync(led, dir.at("away/other"));
      await hinted(hints, ...links("home/.claude/hooks"));
      fs.renameSync(dir.at("away/other"), led);
      await hinted(hints, ...links("home/.claude/hooks"));
      expect(tracker.watched - before).toBeLessThan(20);
      expect(doubts).toEqual([]);
      dir.write("away/real/new.sh", "1");
      await eventually(() => hints.some((path) => path.endsWith("/new.sh")));
    });
  });

  describe("when a name is not UTF-8", () => {
    it("is hinted by its bytes, in new directories too", async () => {
      dir.mkdir("home/.claude/hooks");
      const { hints } = await startTracker([hooks()]);
      const directory = joinKey(dir.at("home/.claude/hooks"), Buffer.from([0xff]));
      fs.mkdirSync(bytesOfKey(directory));
      const file = joinKey(directory, Buffer.from([0xfe]));
      fs.writeFileSync(bytesOfKey(file), "1");
      await hinted(hints, file);
      fs.writeFileSync(bytesOfKey(file), "2");
      await hinted(hints, file);
    });
  });

  describe("when a root is a large standard tree", () => {
    const tree = () => root({ base: dir.at("tree"), recursive: true, tier: "standard" });

    it("has one recursive watcher, and sees at any depth", async () => {
      dir.mkdir("tree/a/b");
      const { tracker, hints } = await startTracker([tree()]);
      expect(tracker.backend).toMatch(/^fs\.watch\+/);
      const path = dir.write("tree/a/b/f", "1");
      await hinted(hints, path);
    });

    it("sees what is in directories made or moved in since", async () => {
      dir.mkdir("tree");
      dir.write("pack/x/f", "1");
      const { hints } = await startTracker([tree()]);
      fs.mkdirSync(dir.at("tree/p/q/r"), { recursive: true });
      const path = dir.write("tree/p/q/r/f", "1");
      await hinted(hints, path);
      fs.renameSync(dir.at("pack"), dir.at("tree/pack"));
      await hinted(hints, dir.at("tree/pack/x/f"));
      await eventually(() => {
        fs.writeFileSync(dir.at("tree/pack/x/f"), String(Math.random()));
        return hints.includes(dir.at("tree/pack/x/f"));
      });
    });

    it("is seen when its base appears, and again after it was deleted", async () => {
      const { hints, stored } = await startTracker([tree()]);
      const path = dir.write("tree/a/f", "1");
      stored.push(path);
      await hinted(hints, path);
      fs.rmSync(dir.at("tree"), { recursive: true });
      await hinted(hints, path);
      dir.write("tree/a/f", "2");
      await hinted(hints, path);
    });
  });

  describe("when a project may have come", () => {
    it("says so of the directories that were looked into", async () => {
      dir.mkdir("code");
      const { projects } = await startTracker([], { plan: { looked: [dir.at("code")] } });
      dir.mkdir("code/new");
      await eventually(() => projects() > 0);
    });

    it("says so of directories looked into since, and once when it first watches them", async () => {
      dir.mkdir("code/new");
      const { tracker, projects } = await startTracker([], { plan: { looked: [dir.at("code")] } });
      const looked = [dir.at("code"), dir.at("code/new")];
      tracker.setLooked(looked);
      tracker.setLooked(looked);
      expect(projects()).toBe(1);
      dir.mkdir("code/new/.git");
      await eventually(() => projects() > 1);
    });
  });

  describe("when there are more directories than watches", () => {
    it("says so once, and goes on with those it has", async () => {
      for (let index = 0; index < 40; index += 1) dir.mkdir(`home/.claude/hooks/${index}`);
      const { tracker, doubts } = await startTracker([hooks()], { options: { maxShallow: 20 } });
      expect(tracker.exhausted).toBe(true);
      expect(doubts).toEqual(["watches_exhausted"]);
      expect(tracker.watched).toBeLessThanOrEqual(20);
    });

    it("leaves one to each place it begins at, before what lies below another", async () => {
      for (let index = 0; index < 40; index += 1) dir.mkdir(`home/.claude/hooks/${index}`);
      for (let index = 0; index < 40; index += 1) dir.mkdir(`code/${index}`);
      dir.mkdir("home/.codex");
      const looked = Array.from({ length: 40 }, (_, index) => dir.at(`code/${index}`));
      const codex = root({ base: dir.at("home/.codex/config.toml"), targetId: "codex" });
      const { tracker } = await startTracker([hooks(), codex], {
        options: { maxShallow: 20 },
        plan: { looked },
      });
      expect(tracker.directories).toContain(dir.at("home/.codex"));
      expect(tracker.directories).toContain(dir.at("home/.claude/hooks"));
    });
  });

  describe("when it is renewed", () => {
    it("watches what is there now", async () => {
      const path = dir.write("home/.claude/hooks/run.sh", "1");
      const { tracker, hints } = await startTracker([hooks()]);
      const { watched } = tracker;
      await tracker.renew();
      expect(tracker.watched).toBe(watched);
      fs.writeFileSync(path, "2");
      await hinted(hints, path);
    });
  });

  describe("when it is to poll", () => {
    it("watches nothing", async () => {
      dir.mkdir("home/.claude/hooks");
      const { tracker } = await startTracker([hooks()], { options: { poll: true } });
      tracker.setHops(dir.at("home/.claude/settings.json"), [dir.at("x")]);
      expect(tracker.watched).toBe(0);
      expect(tracker.backend).toBe("poll");
    });
  });

  describe("when it is closed", () => {
    it("hints nothing more, and is not brought back by a renewal", async () => {
      const path = dir.write("home/.claude/hooks/run.sh", "1");
      const one = await startTracker([hooks()]);
      const two = await startTracker([hooks()]);
      await one.tracker.close();
      await one.tracker.renew();
      fs.writeFileSync(path, "2");
      await hinted(two.hints, path);
      expect(one.hints).toEqual([]);
      expect(one.tracker.watched).toBe(0);
    });

    it("watches nothing for a link that is looked at after it", async () => {
      const real = dir.write("dotfiles/settings.json", "1");
      dir.mkdir("home/.claude");
      fs.symlinkSync(real, dir.at("home/.claude/settings.json"));
      const { tracker } = await startTracker([settingsFile()]);
      await tracker.close();
      tracker.setHops(dir.at("home/.claude/settings.json"), [real]);
      expect(tracker.watched).toBe(0);
    });
  });
});

describe("isTree", () => {
  describe("when a root is asked for", () => {
    it("is one only if it is standard and spans levels", () => {
      expect(isTree(root({ base: "/a", tier: "standard", recursive: true }))).toBe(true);
      expect(isTree(root({ base: "/a", tier: "standard", pattern: "**/x" }))).toBe(true);
      expect(isTree(root({ base: "/a", tier: "standard", pattern: "*/x" }))).toBe(false);
      expect(isTree(root({ base: "/a", recursive: true }))).toBe(false);
    });
  });
});
