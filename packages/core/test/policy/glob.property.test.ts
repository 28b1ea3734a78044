import * as fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import { foldFor } from "../../src/policy/fold.ts";
import { compileGlob } from "../../src/policy/glob.ts";

const fold = foldFor("linux");
const word = fc.string({ unit: fc.constantFrom("a", "b", ".", "-"), minLength: 1, maxLength: 3 });
const name = word.filter((text) => text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 4 });
const wild = fc
  .array(fc.oneof(word, fc.constantFrom("*", "?", "[ab]", "[^a]")), { minLength: 1, maxLength: 4 })
  .map((p) => p.join(""));
const part = fc.oneof(
  { weight: 2, arbitrary: name },
  { weight: 3, arbitrary: wild },
  { weight: 1, arbitrary: fc.constant("**") },
);
const flat = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const braced = fc.tuple(flat, flat, flat).map(([a, b, c]) => `{${a},${b}}/${c}`);
const usable = (text: string) => !text.split(/[/{},]/).some((one) => one === "." || one === "..");

/** The library this grammar is a part of, told what the product means; one leading `**` of a bare path aside. */
const reference = (pattern: string) =>
  picomatch(pattern, { dot: true, nonegate: true, windows: false, flags: "s" });

describe("compileGlob, for any pattern and path", () => {
  it("agrees with picomatch where both have the same grammar", () => {
    fc.assert(
      fc.property(flat.filter(usable), path, (pattern, names) => {
        // For picomatch `*/**` needs a directory though `a/**` does not; here `**` may always be nothing.
        fc.pre(!/[*?\]](?:\/\*\*)+$/.test(pattern));
        // picomatch joins `**` to what stands beside it; a shell does not.
        fc.pre(!/\*{3}|[^/]\*\*|\*\*[^/]/.test(pattern));
        expect(compileGlob(pattern, fold).test(names)).toBe(reference(pattern)(names.join("/")));
      }),
      { numRuns: 2000 },
    );
  });
  it("takes braces for each of their alternatives", () => {
    fc.assert(
      fc.property(flat, flat, flat, path, (a, b, c, names) => {
        const one = (pattern: string) => compileGlob(pattern, fold).test(names);
        expect(one(`{${a},${b}}/${c}`)).toBe(one(`${a}/${c}`) || one(`${b}/${c}`));
      }),
    );
  });
  it("never says no to a directory that holds a match", () => {
    fc.assert(
      fc.property(fc.oneof(flat, braced), path, (pattern, names) => {
        const glob = compileGlob(pattern, fold);
        fc.pre(glob.test(names));
        for (let depth = 0; depth < names.length; depth += 1)
          expect(glob.mayHold(names.slice(0, depth))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
  it("says all below a directory match only when they do", () => {
    fc.assert(
      fc.property(fc.oneof(flat, braced), path, path, (pattern, names, below) => {
        const glob = compileGlob(pattern, fold);
        fc.pre(glob.holdsAll(names));
        expect(glob.test([...names, ...below])).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
