import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGitTracker } from "../../src/git/index.ts";
import { addNames, at, git, initRepo, listed, scratch } from "./repo.ts";

const BYTE = fc.oneof(
  fc.constantFrom("a", "b", ".", "-", "\n", "\u00e9", "\u0080", "\u00ff"),
  fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
);
const PART = fc
  .array(BYTE, { minLength: 1, maxLength: 4 })
  .map((chars) => chars.join("").replaceAll("/", "_"))
  .filter((part) => part !== "." && part !== ".." && !/^\.?git/iu.test(part));
const NAME = fc.array(PART, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const CASE = fc.record({
  names: fc.uniqueArray(NAME, { minLength: 1, maxLength: 60 }),
  strangers: fc.array(NAME, { maxLength: 20 }),
  version: fc.constantFrom(2, 3, 4),
  format: fc.constantFrom("sha1", "sha256"),
  split: fc.boolean(),
});

describe("tracked", () => {
  describe("when the tree is any tree", () => {
    it("agrees with git ls-files", { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(CASE, async ({ names, strangers, version, format, split }) => {
          const temp = scratch();
          try {
            const root = initRepo(join(temp.path, "r"), `--object-format=${format}`);
            git(root, ["config", "splitIndex.maxPercentChange", "100"]);
            git(root, ["update-index", "--index-version", String(version)]);
            const half = Math.ceil(names.length / 2);
            addNames(root, names.slice(0, half));
            if (split) git(root, ["update-index", "--split-index"]);
            // Names that clash with a directory displace entries: deletions in a split index.
            addNames(root, names.slice(half));
            const expected = new Set(listed(root));
            const tracker = createGitTracker();
            for (const name of new Set([...names, ...strangers, ...expected])) {
              const answer = await tracker.trackedWhy(at(root, Buffer.from(name, "latin1")));
              expect([name, answer]).toEqual([name, { tracked: expected.has(name) }]);
            }
          } finally {
            temp.remove();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
});
