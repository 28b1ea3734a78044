import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { createTreeWatchers, type TreeWatchers } from "../../src/watch/trees.ts";

let dir: TempDir;
const open: TreeWatchers[] = [];

beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((trees) => trees.close()));
  dir.remove();
});

function start() {
  const seen: string[] = [];
  const errors: string[] = [];
  const trees = createTreeWatchers({
    onEvent: (path) => void seen.push(path),
    onError: (base, message) => void errors.push(`${base}: ${message}`),
  });
  open.push(trees);
  return { trees, seen, errors };
}

describe("createTreeWatchers", () => {
  describe("when a tree is subscribed", () => {
    it("names what happens at any depth", async () => {
      dir.mkdir("a/b");
      const { trees, seen } = start();
      expect(await trees.subscribe(dir.path, [])).toBe(true);
      const path = dir.write("a/b/f", "1");
      await eventually(() => seen.includes(path));
      expect(trees.bases).toEqual([dir.path]);
    });
  });

  describe("when it is renewed", () => {
    it("sees below directories that were made since", async () => {
      const { trees, seen } = start();
      await trees.subscribe(dir.path, []);
      fs.mkdirSync(dir.at("x/y/z"), { recursive: true });
      await trees.renew(dir.path);
      const path = dir.write("x/y/z/f", "1");
      await eventually(() => seen.includes(path));
    });

    it("is none when the tree was dropped meanwhile", async () => {
      const { trees, seen } = start();
      await trees.subscribe(dir.path, []);
      await Promise.all([trees.renew(dir.path), trees.drop(dir.path)]);
      expect(trees.bases).toEqual([]);
      await expectBlind(seen);
    });
  });

  describe("when another directory takes its place", () => {
    it("watches that one when it is asked for again", async () => {
      dir.mkdir("tree");
      const { trees, seen } = start();
      await trees.subscribe(dir.at("tree"), []);
      fs.renameSync(dir.at("tree"), dir.at("old"));
      dir.mkdir("tree/inner");
      expect(await trees.subscribe(dir.at("tree"), [])).toBe(true);
      const path = dir.write("tree/inner/f", "1");
      await eventually(() => seen.includes(path));
    });

    it("takes no harm from watches that went with the old one", async () => {
      const { trees } = start();
      for (let round = 0; round < 20; round += 1) {
        dir.mkdir("tree/inner");
        await trees.subscribe(dir.at("tree"), []);
        fs.rmSync(dir.at("tree"), { recursive: true });
        await trees.drop(dir.at("tree"));
      }
      expect(trees.bases).toEqual([]);
    });
  });

  describe("when it is renewed twice at once", () => {
    it("has one subscription, which ends when it is closed", async () => {
      const { trees, seen } = start();
      await trees.subscribe(dir.path, []);
      await Promise.all([trees.renew(dir.path), trees.renew(dir.path)]);
      expect(trees.bases).toEqual([dir.path]);
      await trees.close();
      await expectBlind(seen);
    });
  });

  describe("when it cannot be renewed", () => {
    it("says so, and can be subscribed again", async () => {
      const base = dir.mkdir("tree");
      const { trees, seen, errors } = start();
      await trees.subscribe(base, []);
      fs.rmSync(base, { recursive: true });
      await trees.renew(base);
      expect(errors).toHaveLength(1);
      expect(trees.bases).toEqual([]);
      fs.mkdirSync(base);
      expect(await trees.subscribe(base, [])).toBe(true);
      const path = dir.write("tree/f", "1");
      await eventually(() => seen.includes(path));
    });
  });

  describe("when one tree is asked for twice at once", () => {
    it("has one subscription, which ends when it is closed", async () => {
      const { trees, seen } = start();
      await Promise.all([trees.subscribe(dir.path, []), trees.subscribe(dir.path, [])]);
      await trees.close();
      await expectBlind(seen);
    });
  });

  describe("when it is closed while a subscription is on its way", () => {
    it("ends that too", async () => {
      const { trees, seen } = start();
      const subscribing = trees.subscribe(dir.path, []);
      await trees.close();
      await subscribing;
      expect(await trees.subscribe(dir.path, [])).toBe(false);
      expect(trees.bases).toEqual([]);
      await expectBlind(seen);
    });
  });

  describe("when there is no such directory", () => {
    it("says so, and does not throw", async () => {
      const { trees, errors } = start();
      expect(await trees.subscribe(dir.at("missing"), [])).toBe(false);
      expect(errors).toHaveLength(1);
    });
  });
});

/** Another watcher on the same tree sees a file; this one, which had its turn as well, does not. */
async function expectBlind(seen: readonly string[]): Promise<void> {
  const witness = start();
  await witness.trees.subscribe(dir.path, ["unused"]);
  const path = dir.write("witnessed", "1");
  await eventually(() => witness.seen.includes(path));
  const later = dir.write("witnessed-again", "1");
  await eventually(() => witness.seen.includes(later));
  expect(seen).toEqual([]);
}
