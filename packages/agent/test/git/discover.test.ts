import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitTracker, type GitLimits } from "../../src/git/index.ts";
import { addNames, git, initRepo, put, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
beforeEach(() => {
  temp = scratch();
});
afterEach(() => temp.remove());

const why = (path: string, limits: Partial<GitLimits> = {}) =>
  createGitTracker(limits).trackedWhy(path);

/** A repository with one commit that tracks `f`. */
function repo(name: string, ...options: string[]): string {
  const root = initRepo(join(temp.path, name), ...options);
  put(root, "f");
  git(root, ["add", "-A"]);
  git(root, ["commit", "-qm", "f"]);
  return root;
}

/** git's own word on it. */
const insideWorkTree = (path: string): string =>
  git(path, ["rev-parse", "--is-inside-work-tree"]).toString().trim();

const YES = { tracked: true };
const NO = { tracked: false };
const unknown = (reason: string) => ({ tracked: null, reason });

describe("finding the repository of a file", () => {
  describe("when there is none", () => {
    it("answers null", async () => {
      put(temp.path, "a/b/f");
      expect(await why(join(temp.path, "a/b/f"))).toEqual(unknown("not_in_repository"));
    });

    it("passes by a .git directory that is no repository, as git does", async () => {
      const root = repo("r");
      mkdirSync(join(root, "sub/.git"), { recursive: true });
      addNames(root, ["sub/x"]);
      expect(await why(join(root, "sub/x"))).toEqual(YES);
      rmSync(join(root, ".git/refs"), { recursive: true });
      expect(await why(join(root, "f"))).toEqual(unknown("not_in_repository"));
    });

    it("answers null in a bare repository and inside a git directory", async () => {
      const root = repo("r");
      git(temp.path, ["clone", "-q", "--bare", root, "bare.git"]);
      expect(await why(join(temp.path, "bare.git/x"))).toEqual(unknown("bare_repository"));
      expect(await why(join(root, ".git/hooks/pre-commit"))).toEqual(unknown("bare_repository"));
      git(root, ["config", "core.bare", "true"]);
      expect(insideWorkTree(root)).toBe("false");
      expect(await why(join(root, "f"))).toEqual(unknown("bare_repository"));
    });
  });

  describe("when repositories are nested", () => {
    it("asks the innermost; a submodule directory belongs to the outer one", async () => {
      const library = repo("library");
      const root = repo("r");
      git(root, [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        library,
        "lib",
      ]);
      expect(await why(join(root, "lib/f"))).toEqual(YES);
      expect(await why(join(root, "lib/g"))).toEqual(NO);
      expect(await why(join(root, "lib"))).toEqual(YES);
      expect(await why(join(root, ".gitmodules"))).toEqual(YES);
    });
  });

  describe("when the file is in a linked work tree", () => {
    it("reads that work tree's own index", async () => {
      const root = repo("r");
      git(root, ["worktree", "add", "-q", "../w"]);
      const linked = join(temp.path, "w");
      put(linked, "only-here");
      git(linked, ["add", "only-here"]);
      expect(await why(join(linked, "only-here"))).toEqual(YES);
      expect(await why(join(root, "only-here"))).toEqual(NO);
      expect(await why(join(linked, "f"))).toEqual(YES);
    });

    it("works for a bare main repository, until its own configuration says bare", async () => {
      const root = repo("r");
      git(temp.path, ["clone", "-q", "--bare", root, "bare.git"]);
      git(join(temp.path, "bare.git"), ["worktree", "add", "-q", "../w"]);
      expect(await why(join(temp.path, "w/f"))).toEqual(YES);
      git(join(temp.path, "bare.git"), ["config", "extensions.worktreeConfig", "true"]);
      git(join(temp.path, "bare.git"), ["config", "core.repositoryformatversion", "1"]);
      expect(insideWorkTree(join(temp.path, "w"))).toBe("false");
      expect(await why(join(temp.path, "w/f"))).toEqual(unknown("bare_repository"));
      git(join(temp.path, "w"), ["config", "--worktree", "core.bare", "false"]);
      expect(insideWorkTree(join(temp.path, "w"))).toBe("true");
      expect(await why(join(temp.path, "w/f"))).toEqual(YES);
    });

    it("takes the object format from the common configuration", async () => {
      const root = repo("r", "--object-format=sha256");
      git(root, ["worktree", "add", "-q", "../w"]);
      expect(await why(join(temp.path, "w/f"))).toEqual(YES);
    });
  });

  describe("when .git is not a directory", () => {
    it("follows a gitdir file, relative or absolute", async () => {
      for (const target of ["../store", join(temp.path, "store")]) {
        const root = repo("r");
        renameSync(join(root, ".git"), join(temp.path, "store"));
        writeFileSync(join(root, ".git"), `gitdir: ${target}\n`);
        expect(await why(join(root, "f"))).toEqual(YES);
        rmSync(root, { recursive: true });
        rmSync(join(temp.path, "store"), { recursive: true });
      }
    });

    it("resolves a symlink, over eight hops at most", async () => {
      const root = repo("r");
      renameSync(join(root, ".git"), join(temp.path, "hop0"));
      for (let hop = 1; hop < 9; hop += 1) {
        symlinkSync(`hop${String(hop - 1)}`, join(temp.path, `hop${String(hop)}`));
      }
      symlinkSync("../hop7", join(root, ".git"));
      expect(await why(join(root, "f"))).toEqual(YES);
      rmSync(join(root, ".git"));
      symlinkSync("../hop8", join(root, ".git"));
      expect(await why(join(root, "f"))).toEqual(unknown("bad_pointer"));
    });

    it.each([
      ["itself", "gitdir: .git"],
      ["nothing", "gitdir: "],
      ["a missing directory", "gitdir: ../gone"],
      ["a directory that is no repository", "gitdir: .."],
      ["no pointer", "hello"],
      ["a NUL", "gitdir: a\0b"],
      ["a path beyond all bounds", `gitdir: ${"a/".repeat(4000)}`],
    ])("answers null for a file that names %s", async (_, text) => {
      put(temp.path, "r/.git", text);
      expect(await why(join(temp.path, "r/f"))).toEqual(unknown("bad_pointer"));
    });

    it("answers null for a symlink loop and a pointer file beyond its bound", async () => {
      put(temp.path, "r/f");
      symlinkSync(".git", join(temp.path, "r/.git"));
      expect(await why(join(temp.path, "r/f"))).toEqual(unknown("bad_pointer"));
      put(temp.path, "q/.git", `gitdir: ${"a".repeat(70_000)}`);
      expect(await why(join(temp.path, "q/f"))).toEqual(unknown("too_large"));
    });

    // Linux only: /proc is the file system that is not local.
    it.runIf(process.platform === "linux")(
      "never enters a filesystem that is not local for a pointer",
      async () => {
        put(temp.path, "r/.git", "gitdir: /proc/self/cwd/x");
        expect(await why(join(temp.path, "r/f"))).toEqual(unknown("remote_pointer"));
        put(temp.path, "s/f");
        symlinkSync("/proc/1/root", join(temp.path, "s/.git"));
        expect(await why(join(temp.path, "s/f"))).toEqual(unknown("remote_pointer"));
      },
    );
  });

  describe("when the git directory is on another local filesystem", () => {
    // Only where a second local file system can be written to.
    it.runIf(existsSync("/dev/shm"))("follows the pointer", async () => {
      const root = repo("r");
      const elsewhere = mkdtempSync("/dev/shm/sigil-git-");
      try {
        git(root, ["worktree", "add", "-q", join(elsewhere, "w")]);
        expect(await why(join(elsewhere, "w/f"))).toEqual(YES);
        renameSync(join(root, ".git"), join(temp.path, "unused"));
        cpSync(join(temp.path, "unused"), join(elsewhere, "store"), { recursive: true });
        writeFileSync(join(root, ".git"), `gitdir: ${elsewhere}/store\n`);
        expect(await why(join(root, "f"))).toEqual(YES);
      } finally {
        rmSync(elsewhere, { recursive: true });
      }
    });
  });

  describe("when core.worktree is set", () => {
    it("names the file from there, or does not know it", async () => {
      const root = repo("r");
      put(temp.path, "r/work/f");
      git(root, ["config", "core.worktree", "../work"]);
      expect(git(join(root, "work"), ["ls-files", "f"]).toString()).toBe("f\n");
      expect(await why(join(root, "work/f"))).toEqual(YES);
      expect(await why(join(root, "work/g"))).toEqual(NO);
      expect(await why(join(root, "f"))).toEqual(unknown("outside_work_tree"));
    });
  });

  describe("when the configuration is out of the ordinary", () => {
    it.each([
      [
        "a version git does not know",
        "[core]\nrepositoryformatversion = 2\n",
        "unsupported_format",
      ],
      [
        "an unknown object format",
        "[core]\nrepositoryformatversion = 1\n[extensions]\nobjectformat = sha3\n",
        "unsupported_format",
      ],
      [
        "an object format without version 1",
        "[extensions]\nobjectformat = sha256\n",
        "unsupported_format",
      ],
      ["broken syntax", "[core\n", "bad_config"],
      ["a version that is no number", "[core]\nrepositoryformatversion = x\n", "bad_config"],
      ["too much of it", `# ${"x".repeat(70_000)}\n`, "too_large"],
    ])("answers null for %s", async (_, text, reason) => {
      const root = repo("r");
      appendFileSync(join(root, ".git/config"), text);
      expect(await why(join(root, "f"))).toEqual(unknown(reason));
    });

    it("does not follow includes", async () => {
      const root = repo("r");
      put(temp.path, "included", "[core]\nbare = true\n");
      appendFileSync(join(root, ".git/config"), `[include]\npath = ${temp.path}/included\n`);
      expect(await why(join(root, "f"))).toEqual(YES);
    });

    it("reads a repository without a configuration file as git's defaults", async () => {
      const root = repo("r");
      rmSync(join(root, ".git/config"));
      expect(await why(join(root, "f"))).toEqual(YES);
    });
  });

  describe("when the file lies too deep", () => {
    it("stops at the bound", async () => {
      const root = repo("r");
      addNames(root, ["a/b/c/d/x"]);
      mkdirSync(join(root, "a/b/c/d"), { recursive: true });
      expect(await why(join(root, "a/b/c/d/x"), { maxDepth: 4 })).toEqual(YES);
      expect(await why(join(root, "a/b/c/d/x"), { maxDepth: 3 })).toEqual(unknown("too_deep"));
    });
  });
});
