import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGitTracker } from "../../src/git/index.ts";
import { git, initRepo, listed, put, type Scratch, scratch } from "./repo.ts";

let temp: Scratch;
beforeEach(() => {
  temp = scratch();
});
afterEach(() => temp.remove());

describe("a sparse index", () => {
  describe.each([2, 4])("when directories are collapsed (version %i)", (version) => {
    it("does not know what is below them", async () => {
      const root = initRepo(join(temp.path, "r"));
      for (const name of ["top", "in/a", "in/deep/b", "out/a", "out/deep/b", "out2/a"]) {
        put(root, name);
      }
      git(root, ["add", "-A"]);
      git(root, ["commit", "-qm", "x"]);
      git(root, ["update-index", "--index-version", String(version)]);
      git(root, ["sparse-checkout", "init", "--cone", "--sparse-index"]);
      git(root, ["sparse-checkout", "set", "in"]);
      expect(listed(root, "--sparse")).toContain("out/");
      const tracker = createGitTracker();
      const below = { tracked: null, reason: "sparse_directory" };
      expect(await tracker.trackedWhy(join(root, "top"))).toEqual({ tracked: true });
      expect(await tracker.trackedWhy(join(root, "in/deep/b"))).toEqual({ tracked: true });
      expect(await tracker.trackedWhy(join(root, "in/deep/c"))).toEqual({ tracked: false });
      expect(await tracker.trackedWhy(join(root, "out/a"))).toEqual(below);
      expect(await tracker.trackedWhy(join(root, "out/deep/b"))).toEqual(below);
      expect(await tracker.trackedWhy(join(root, "out/never"))).toEqual(below);
      expect(await tracker.trackedWhy(join(root, "out3/a"))).toEqual({ tracked: false });
      expect(await tracker.trackedWhy(join(root, "out"))).toEqual({ tracked: false });
    });
  });
});
