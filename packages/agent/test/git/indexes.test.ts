import { appendFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitTracker, DEFAULT_GIT_LIMITS, type GitLimits } from "../../src/git/index.ts";
import { createIndexes, type Indexes } from "../../src/git/indexes.ts";
import { readLarge } from "../../src/git/io.ts";
import { addNames, git, initRepo, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
beforeEach(() => {
  temp = scratch();
});
afterEach(() => temp.remove());

function repo(name: string, names: readonly string[] = ["a", "b"]): string {
  const root = initRepo(join(temp.path, name));
  addNames(root, names);
  return root;
}

const indexesWith = (limits: Partial<GitLimits>): Indexes =>
  createIndexes({ ...DEFAULT_GIT_LIMITS, ...limits });
const viewOf = (indexes: Indexes, root: string) => indexes.view(join(root, ".git"), 20);

describe("the cache of parsed indexes", () => {
  describe("when the index did not change", () => {
    it("answers from the parsed one, also to questions that came together", async () => {
      const root = repo("r");
      const indexes = indexesWith({});
      const [first, second] = await Promise.all([viewOf(indexes, root), viewOf(indexes, root)]);
      expect(first).not.toBeNull();
      expect(second).toBe(first);
      expect(await viewOf(indexes, root)).toBe(first);
      indexes.clear();
      expect(await viewOf(indexes, root)).not.toBe(first);
    });

    it("remembers that it is corrupt", async () => {
      const root = repo("r");
      appendFileSync(join(root, ".git/index"), "x");
      const indexes = indexesWith({});
      const first = await viewOf(indexes, root);
      expect(first).toEqual({ reason: "corrupt_index" });
      expect(await viewOf(indexes, root)).toBe(first);
    });
  });

  describe("when the index changed", () => {
    it("answers from the new one", async () => {
      const root = repo("r");
      const tracker = createGitTracker();
      expect(await tracker.tracked(join(root, "c"))).toBe(false);
      addNames(root, ["c"]);
      expect(await tracker.tracked(join(root, "c"))).toBe(true);
      git(root, ["rm", "-q", "--cached", "c"]);
      expect(await tracker.tracked(join(root, "c"))).toBe(false);
      tracker.invalidate();
      expect(await tracker.tracked(join(root, "a"))).toBe(true);
    });
  });

  describe("when a bound of the cache is reached", () => {
    it("drops the least recently used repository", async () => {
      const [a, b, c] = [repo("a"), repo("b"), repo("c")] as const;
      const indexes = indexesWith({ cachedRepositories: 2 });
      const first = await viewOf(indexes, a);
      const second = await viewOf(indexes, b);
      expect(await viewOf(indexes, a)).toBe(first);
      await viewOf(indexes, c);
      expect(await viewOf(indexes, a)).toBe(first);
      expect(await viewOf(indexes, b)).not.toBe(second);
    });

    it.each([{ cachedEntries: 3 }, { cachedBytes: 15 }])("counts over all (%j)", async (limits) => {
      const [a, b] = [repo("a"), repo("b")] as const;
      const indexes = indexesWith(limits);
      const first = await viewOf(indexes, a);
      expect(await viewOf(indexes, a)).toBe(first);
      const second = await viewOf(indexes, b);
      expect(await viewOf(indexes, b)).toBe(second);
      expect(await viewOf(indexes, a)).not.toBe(first);
    });

    it("still answers what it cannot keep", async () => {
      const root = repo("r");
      const tracker = createGitTracker({ cachedEntries: 1 });
      expect(await tracker.tracked(join(root, "a"))).toBe(true);
      expect(await tracker.tracked(join(root, "c"))).toBe(false);
    });
  });
});

describe("the bounds of one index", () => {
  describe.each([
    { maxIndexBytes: 100 },
    { maxEntries: 1 },
    { maxNameBytes: 1 },
    { maxSmallFileBytes: 10 },
  ])("when over %j", (limits) => {
    it("answers null", async () => {
      const answer = await createGitTracker(limits).trackedWhy(join(repo("r"), "a"));
      expect(answer).toEqual({ tracked: null, reason: "too_large" });
    });
  });

  describe("when version 4 repeats a long prefix", () => {
    it("stops at the decoded size, not at the file's", async () => {
      const long = Array.from({ length: 12 }, () => "p".repeat(250)).join("/");
      const root = repo(
        "r",
        Array.from({ length: 200 }, (_, n) => `${long}/${String(n)}`),
      );
      git(root, ["update-index", "--index-version", "4"]);
      const size = readFileSync(join(root, ".git/index")).length;
      expect(size).toBeLessThan(25_000);
      const limits = { maxNameBytes: 100_000 };
      const answer = await createGitTracker(limits).trackedWhy(join(root, "a"));
      expect(answer).toEqual({ tracked: null, reason: "too_large" });
      expect(await createGitTracker().tracked(join(root, `${long}/7`))).toBe(true);
    });
  });

  describe("when decoding is cut into slices", () => {
    it.each([1, 2, 3])("answers the same (%i entries each)", async (sliceEntries) => {
      const root = repo("r", ["a", "b", "c", "d"]);
      const tracker = createGitTracker({ sliceEntries });
      expect(await tracker.tracked(join(root, "d"))).toBe(true);
      expect(await tracker.tracked(join(root, "e"))).toBe(false);
    });
  });
});

describe("reading a large file", () => {
  const change = { reason: "changed_while_read" };

  describe("when it is stable", () => {
    it("gives all its bytes, in chunks", async () => {
      const path = join(temp.path, "f");
      const bytes = Buffer.alloc(2_500_000, "abcdefg");
      writeFileSync(path, bytes);
      const seen: Buffer[] = [];
      const file = await readLarge(path, 3_000_000, (chunk) => seen.push(Buffer.from(chunk)));
      expect(file).toMatchObject({ identity: { size: 2_500_000n } });
      expect(seen.length).toBeGreaterThan(2);
      expect(Buffer.concat(seen).equals(bytes)).toBe(true);
    });
  });

  describe("when it changes meanwhile", () => {
    it.each([
      ["grows", (path: string) => appendFileSync(path, "x")],
      ["shrinks", (path: string) => writeFileSync(path, "")],
      ["is overwritten", (path: string) => writeFileSync(path, Buffer.alloc(2_500_000, 1))],
    ])("does not answer when it %s", async (_, disturb) => {
      const path = join(temp.path, "f");
      writeFileSync(path, Buffer.alloc(2_500_000));
      // So that any write shows, however coarse the clock of the filesystem is.
      utimesSync(path, 1, 1);
      expect(await readLarge(path, 3_000_000, () => disturb(path))).toEqual(change);
    });

    it("does not answer when another file takes its name", async () => {
      const path = join(temp.path, "f");
      writeFileSync(path, "old");
      writeFileSync(join(temp.path, "g"), "new");
      const file = await readLarge(path, 100, () => renameSync(join(temp.path, "g"), path));
      expect(file).toEqual(change);
    });
  });
});
