import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitTracker } from "../../src/git/index.ts";
import { addNames, at, git, initRepo, listed, put, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
let root: string;
beforeEach(() => {
  temp = scratch();
  root = initRepo(join(temp.path, "r"));
});
afterEach(() => temp.remove());

const BASE = Array.from({ length: 400 }, (_, n) => `d${String(n % 7)}/f${String(n)}`);

/** A split index whose own file deletes, replaces and adds entries of its base. */
function split(version: number): string[] {
  for (const name of BASE) put(root, name);
  git(root, ["add", "-A"]);
  // Never folds the changes back into a new base.
  git(root, ["config", "splitIndex.maxPercentChange", "100"]);
  git(root, ["update-index", "--index-version", String(version)]);
  git(root, ["update-index", "--split-index"]);
  const gone = BASE.filter((_, n) => n % 3 === 0 || (n > 100 && n < 300));
  git(root, ["rm", "-q", "--cached", ...gone]);
  for (const name of BASE.slice(350)) put(root, name, "replaced");
  git(root, ["add", "--", ...BASE.slice(350).filter((name) => !gone.includes(name))]);
  const fresh = ["aaa", "d3/new", "zzz/last"];
  for (const name of fresh) put(root, name);
  git(root, ["add", "--", ...fresh]);
  return [...BASE, ...fresh, "d3/never", "aab"];
}

const linkOf = (): string | undefined =>
  readFileSync(join(root, ".git/index")).includes("link") ? "link" : undefined;

/** Makes the index a split one and gives the path of its base. */
const shared = (): string => {
  addNames(root, ["a", "b"]);
  git(root, ["update-index", "--split-index"]);
  const name = readdirSync(join(root, ".git")).find((file) => file.startsWith("sharedindex."));
  return join(root, ".git", name ?? "");
};

describe("a split index", () => {
  describe.each([2, 4])("when entries of its base changed (version %i)", (version) => {
    it("answers as git does", async () => {
      const names = split(version);
      expect(linkOf()).toBe("link");
      const expected = new Set(listed(root));
      expect(expected.size).toBeLessThan(BASE.length);
      const tracker = createGitTracker();
      for (const name of names) {
        expect([name, await tracker.tracked(at(root, name))]).toEqual([name, expected.has(name)]);
      }
    });
  });

  describe("when it has an empty change list", () => {
    it("answers from its base", async () => {
      addNames(root, ["a", "b"]);
      git(root, ["update-index", "--split-index"]);
      const tracker = createGitTracker();
      expect(await tracker.tracked(join(root, "a"))).toBe(true);
      expect(await tracker.tracked(join(root, "c"))).toBe(false);
    });
  });

  describe("when it is in a linked work tree and SHA-256", () => {
    it("finds the base beside the work tree's index", async () => {
      const main = initRepo(join(temp.path, "m"), "--object-format=sha256");
      put(main, "f");
      git(main, ["add", "-A"]);
      git(main, ["commit", "-qm", "f"]);
      git(main, ["worktree", "add", "-q", "../w"]);
      git(join(temp.path, "w"), ["update-index", "--split-index"]);
      expect(readdirSync(join(main, ".git/worktrees/w")).join(" ")).toContain("sharedindex.");
      const tracker = createGitTracker();
      expect(await tracker.tracked(join(temp.path, "w/f"))).toBe(true);
      expect(await tracker.tracked(join(temp.path, "w/g"))).toBe(false);
    });
  });

  describe("when its base is not what it names", () => {
    it("answers null for a missing one", async () => {
      rmSync(shared());
      const answer = await createGitTracker().trackedWhy(join(root, "a"));
      expect(answer).toEqual({ tracked: null, reason: "missing_shared_index" });
    });

    it("answers null for another sound index in its place, and for itself", async () => {
      const path = shared();
      const other = initRepo(join(temp.path, "o"));
      addNames(other, ["a", "c"]);
      for (const file of [join(other, ".git/index"), join(root, ".git/index")]) {
        writeFileSync(path, readFileSync(file));
        const answer = await createGitTracker().trackedWhy(join(root, "a"));
        expect(answer).toEqual({ tracked: null, reason: "corrupt_index" });
      }
    });

    it("notices that the base changed after it was cached", async () => {
      const path = shared();
      const tracker = createGitTracker();
      expect(await tracker.tracked(join(root, "a"))).toBe(true);
      rmSync(path);
      expect(await tracker.tracked(join(root, "a"))).toBe(null);
    });
  });
});
