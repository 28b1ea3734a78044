import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createMatcher,
  type Exclude,
  type ExpandContext,
  isWithin,
  parentOf,
  relativeTo,
  type Root,
} from "../../src/index.ts";
import { foldFor } from "../../src/policy/fold.ts";
import { compileGlob } from "../../src/policy/glob.ts";

type Platform = ExpandContext["platform"];
const name = fc.constantFrom("a", "b", "A", ".c", "d[e]", "x\ny");
const names = fc.array(name, { maxLength: 4 });
const part = fc.oneof(fc.constantFrom("a", "b", "*", "**", ".c", "?", "{a,b/*}", "[!a]", "A*"));
const pattern = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const absolute = (platform: Platform, parts: readonly string[]) =>
  platform === "windows" ? `C:\\${parts.join("\\")}` : `/${parts.join("/")}`;

function rootOn(platform: Platform): fc.Arbitrary<Root> {
  const base = names.map((parts) => absolute(platform, parts));
  const exclude: fc.Arbitrary<Exclude> = fc.record({
    base: fc.option(base),
    pattern: fc.oneof(pattern, fc.constant("")),
  });
  return fc.record({
    targetId: fc.constantFrom("t", "u", "v"),
    tier: fc.constantFrom("critical", "standard"),
    base,
    pattern: fc.option(pattern),
    recursive: fc.boolean(),
    followSymlinks: fc.boolean(),
    exclude: fc.array(exclude, { maxLength: 2 }),
    user: fc.constant(null),
    project: fc.constant(null),
  });
}
const world = fc.constantFrom<Platform>("linux", "macos", "windows").chain((platform) =>
  fc.record({
    platform: fc.constant(platform),
    roots: fc.array(rootOn(platform), { minLength: 1, maxLength: 6 }),
    path: fc.array(name, { maxLength: 5 }).map((parts) => absolute(platform, parts)),
  }),
);

const prefixes = (list: readonly string[]) => list.map((_, index) => list.slice(0, index + 1));

/** Slow and plain: one root, one path, by the words of the schema. */
function means(root: Root, path: string, platform: Platform): boolean {
  const fold = foldFor(platform);
  const at = (base: string): string[] | null => {
    const [folded, below] = [fold(path), fold(base)];
    if (!isWithin(folded, below)) return null;
    const relative = relativeTo(folded, below);
    return relative === "" ? [] : relative.split("/");
  };
  const globs = (text: string, list: readonly string[]) => compileGlob(text, fold).test(list);
  const list = at(root.base);
  if (list === null) return false;
  const included =
    root.pattern === null
      ? root.recursive || list.length <= 1
      : globs(root.pattern, list) ||
        (root.recursive && prefixes(list).some((prefix) => globs(root.pattern ?? "", prefix)));
  const excluded = root.exclude.some((exclude) => {
    const rest = at(exclude.base ?? root.base);
    if (rest === null) return false;
    return (
      exclude.pattern === "" || prefixes(rest).some((prefix) => globs(exclude.pattern, prefix))
    );
  });
  return included && !excluded;
}

describe("createMatcher, for any roots and path", () => {
  it("agrees with trying all roots one by one", () => {
    fc.assert(
      fc.property(world, ({ platform, roots, path }) => {
        const expected = roots.filter((root) => means(root, path, platform));
        const found = createMatcher(roots, platform).match(path);
        expect(found?.roots ?? []).toEqual(expected);
        if (found === null) return;
        expect(found.targetId).toBe(expected.at(-1)?.targetId);
        expect(found.root).toBe(expected.at(-1));
        expect(found.tier === "critical").toBe(expected.some((root) => root.tier === "critical"));
        expect(found.followSymlinks).toBe(expected.some((root) => root.followSymlinks));
      }),
      { numRuns: 1500 },
    );
  });
  it("answers for each of many paths as if it had been asked for that one only", () => {
    const paths = fc.array(names, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(world, paths, ({ platform, roots }, list) => {
        const matcher = createMatcher(roots, platform);
        for (const path of list.map((parts) => absolute(platform, parts)))
          expect(matcher.match(path)).toEqual(createMatcher(roots, platform).match(path));
      }),
      { numRuns: 500 },
    );
  });
  it("never keeps the sweep out of a directory that holds a match, by either question", () => {
    fc.assert(
      fc.property(world, ({ platform, roots, path }) => {
        const matcher = createMatcher(roots, platform);
        for (const root of matcher.match(path)?.roots ?? []) {
          for (
            let at = parentOf(path);
            at !== null && isWithin(foldFor(platform)(at), foldFor(platform)(root.base));
            at = parentOf(at)
          ) {
            expect(matcher.mayDescend(root, at), `${root.base} ${root.pattern} at ${at}`).toBe(
              true,
            );
            expect(matcher.descends(at)).toContain(root);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });
  it("answers both questions alike", () => {
    fc.assert(
      fc.property(world, ({ platform, roots, path }) => {
        const matcher = createMatcher(roots, platform);
        expect(matcher.descends(path)).toEqual(
          roots.filter((root) => matcher.mayDescend(root, path)),
        );
      }),
    );
  });
});
