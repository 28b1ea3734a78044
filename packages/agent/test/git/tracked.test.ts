import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGitTracker } from "../../src/git/index.ts";
import {
  addNames,
  at,
  git,
  indexVersion,
  initRepo,
  listed,
  put,
  type Scratch,
  scratch,
} from "./repo.ts";

let temp: Scratch;
beforeEach(() => {
  temp = scratch();
});
afterEach(() => {
  vi.unstubAllEnvs();
  temp.remove();
});

const tracked = (path: string | Uint8Array) => createGitTracker().tracked(path);
const why = (path: string | Uint8Array) => createGitTracker().trackedWhy(path);

describe("a git tracker", () => {
  describe.each(["sha1", "sha256"])("when object ids are %s", (format) => {
    it.each([2, 3, 4])("reads index version %i as git does", async (version) => {
      const root = initRepo(join(temp.path, "r"), `--object-format=${format}`);
      const names = ["a", "a/b", "a.b", "ab/c/d.txt", "ab/c/d.txt2", "z".repeat(255), "é/ü"];
      const long = Array.from({ length: 15 }, () => "y".repeat(250)).join("/");
      for (const name of [...names.slice(1), long]) put(root, name);
      git(root, ["add", "-A"]);
      put(root, "loose");
      put(root, "ab/c/d.tx");
      if (version === 3) git(root, ["add", "-N", "loose"]);
      git(root, ["update-index", "--index-version", String(version)]);
      expect(indexVersion(root)).toBe(version);
      for (const name of [...names, long, "ab/c/d.tx", "ab/c", "ab/c/d.txt/x", "loose"]) {
        const expected = listed(root).includes(Buffer.from(name).toString("latin1"));
        expect([name, await why(at(root, name))]).toEqual([name, { tracked: expected }]);
      }
    });
  });

  describe("when names are longer than the flags can count", () => {
    it.each([2, 4])("finds the entries around them (version %i)", async (version) => {
      const root = initRepo(join(temp.path, "r"));
      const long = [4094, 4095, 4096, 6000].map((length) => "m".repeat(length));
      addNames(root, ["a", ...long, "z"]);
      git(root, ["update-index", "--index-version", String(version)]);
      const tracker = createGitTracker({ maxPathBytes: 6000 });
      expect(await tracker.tracked(join(root, "a"))).toBe(true);
      expect(await tracker.tracked(join(root, "y"))).toBe(false);
      expect(await tracker.tracked(join(root, "z"))).toBe(true);
      expect(await why(join(root, "z"))).toEqual({ tracked: null, reason: "too_large" });
    });
  });

  describe("when names are not text", () => {
    it.each([2, 4])("compares bytes (version %i)", async (version) => {
      const root = initRepo(join(temp.path, "r"));
      const odd = Buffer.from("caf\xe9\n\x01\"'\\ \x80/\xff", "latin1");
      put(root, odd);
      put(root, "line\nbreak");
      git(root, ["add", "-A"]);
      git(root, ["update-index", "--index-version", String(version)]);
      expect(await tracked(at(root, odd))).toBe(true);
      expect(await tracked(`${root}/line\nbreak`)).toBe(true);
      // The same characters in UTF-8 are another name.
      expect(await tracked(`${root}/${odd.toString("latin1")}`)).toBe(false);
    });
  });

  describe("when an entry is not a plain one", () => {
    it("counts an intent to add and a skipped work tree file as tracked", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "meant");
      put(root, "skipped");
      put(root, "neither");
      git(root, ["add", "-N", "meant"]);
      git(root, ["add", "skipped"]);
      git(root, ["update-index", "--skip-worktree", "skipped"]);
      expect(indexVersion(root)).toBe(3);
      expect(await tracked(join(root, "meant"))).toBe(true);
      expect(await tracked(join(root, "skipped"))).toBe(true);
      expect(await tracked(join(root, "neither"))).toBe(false);
    });

    it.each([2, 4])("counts the stages of a conflict as tracked (version %i)", async (version) => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "f", "base");
      git(root, ["add", "-A"]);
      git(root, ["commit", "-qm", "base"]);
      git(root, ["checkout", "-qb", "other"]);
      put(root, "f", "theirs");
      git(root, ["commit", "-qam", "theirs"]);
      git(root, ["checkout", "-q", "main"]);
      put(root, "f", "ours");
      git(root, ["commit", "-qam", "ours"]);
      expect(() => git(root, ["merge", "-q", "other"])).toThrow();
      expect(git(root, ["ls-files", "-u"]).toString().trim().split("\n")).toHaveLength(3);
      git(root, ["update-index", "--index-version", String(version)]);
      expect(await tracked(join(root, "f"))).toBe(true);
      expect(await tracked(join(root, "g"))).toBe(false);
    });

    it("takes a symlink for itself and resolves the directories above", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "real/file");
      symlinkSync("file", join(root, "real/link"));
      symlinkSync("nowhere", join(root, "real/new"));
      git(root, ["add", "real/link", "real/file"]);
      symlinkSync(join(root, "real"), join(temp.path, "outside"));
      expect(await tracked(join(root, "real/link"))).toBe(true);
      expect(await tracked(join(root, "real/new"))).toBe(false);
      expect(await tracked(join(temp.path, "outside/file"))).toBe(true);
    });

    it("ignores the fsmonitor, untracked-cache and tree extensions", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "f");
      git(root, ["add", "-A"]);
      git(root, ["commit", "-qm", "x"]);
      git(root, ["update-index", "--force-untracked-cache"]);
      git(root, ["update-index", "--fsmonitor"]);
      expect(await tracked(join(root, "f"))).toBe(true);
      expect(await tracked(join(root, "g"))).toBe(false);
    });
  });

  describe("when the file is gone", () => {
    it("still answers from the index, also without its directories", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "a/b/c");
      git(root, ["add", "-A"]);
      unlinkSync(join(root, "a/b/c"));
      expect(await tracked(join(root, "a/b/c"))).toBe(true);
      rmSync(join(root, "a"), { recursive: true });
      expect(await tracked(join(root, "a/b/c"))).toBe(true);
      expect(await tracked(join(root, "a/b/d"))).toBe(false);
    });
  });

  describe("when nothing was ever added", () => {
    it("answers false without an index", async () => {
      const root = initRepo(join(temp.path, "r"));
      expect(existsSync(join(root, ".git/index"))).toBe(false);
      expect(await tracked(join(root, "f"))).toBe(false);
    });
  });

  describe("when the repository is hostile", () => {
    it("answers without executing core.fsmonitor", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "f");
      git(root, ["add", "-A"]);
      const proof = join(temp.path, "executed");
      const script = join(temp.path, "monitor.sh");
      writeFileSync(script, `#!/bin/sh\ntouch '${proof}'\n`, { mode: 0o755 });
      git(root, ["config", "core.fsmonitor", script]);
      git(root, ["status", "--porcelain"]);
      // git itself runs it, so the trap is live.
      expect(existsSync(proof)).toBe(true);
      rmSync(proof);
      expect(await tracked(join(root, "f"))).toBe(true);
      expect(await tracked(join(root, "g"))).toBe(false);
      expect(existsSync(proof)).toBe(false);
    });

    it.each(["index", "config", "HEAD"])("does not wait for a FIFO as %s", async (name) => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "f");
      git(root, ["add", "-A"]);
      rmSync(join(root, ".git", name));
      execFileSync("mkfifo", [join(root, ".git", name)]);
      // A `.git` without a valid HEAD is no repository.
      const reason = name === "HEAD" ? "not_in_repository" : "not_regular";
      expect(await why(join(root, "f"))).toEqual({ tracked: null, reason });
    });

    it("does not follow a symlink as index", async () => {
      const root = initRepo(join(temp.path, "r"));
      put(root, "f");
      git(root, ["add", "-A"]);
      execFileSync("mv", [join(root, ".git/index"), join(temp.path, "elsewhere")]);
      symlinkSync(join(temp.path, "elsewhere"), join(root, ".git/index"));
      expect(await why(join(root, "f"))).toEqual({ tracked: null, reason: "unreadable" });
    });

    it("reads a directory as index as not regular", async () => {
      const root = initRepo(join(temp.path, "r"));
      mkdirSync(join(root, ".git/index"));
      expect(await why(join(root, "f"))).toEqual({ tracked: null, reason: "not_regular" });
    });
  });

  describe("when the environment names another repository", () => {
    it("ignores it", async () => {
      const root = initRepo(join(temp.path, "r"));
      const other = initRepo(join(temp.path, "o"));
      addNames(root, ["f"]);
      addNames(other, ["g"]);
      vi.stubEnv("GIT_DIR", join(other, ".git"));
      vi.stubEnv("GIT_WORK_TREE", root);
      vi.stubEnv("GIT_INDEX_FILE", join(other, ".git/index"));
      vi.stubEnv("GIT_CEILING_DIRECTORIES", root);
      expect(await tracked(join(root, "f"))).toBe(true);
      expect(await tracked(join(root, "g"))).toBe(false);
    });
  });

  describe("when the path cannot be one", () => {
    it.each([
      ["empty", ""],
      ["the root", "/"],
      ["relative", "relative/path"],
      ["with ..", "/a/../b"],
      ["with a NUL", "/a\0b"],
      ["too long", `/${"x/".repeat(3000)}`],
    ])("says so when it is %s", async (_, path) => {
      expect(await why(path)).toEqual({ tracked: null, reason: "bad_path" });
    });

    it("does not mind doubled separators and dots", async () => {
      const root = initRepo(join(temp.path, "r"));
      addNames(root, ["a/f"]);
      expect(await tracked(`${root}//a/./f`)).toBe(true);
    });
  });
});
