import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExpandContext, expandTargets } from "../../src/index.ts";
import { target } from "./build.ts";

const piece = fc.constantFrom(
  "~",
  "/",
  "/",
  "\\",
  "a",
  "B",
  ".",
  "..",
  ".x",
  "*",
  "**",
  "?",
  "[a]",
  "{a,b/c}",
  "@(a|b)",
  "!",
  "(",
  ")",
  "$HOME",
  "${HOME}",
  "%HOME%",
  "$V",
  "${V}",
  "%V%",
  "%v%",
  "$UNSET",
  "$SIGIL_PROJECT",
  "${SIGIL_PROJECT}",
  "C:",
  "$",
  "%",
  "${",
  "}",
);
const pattern = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 9 }).map((parts) => parts.join("")),
  fc
    .tuple(
      fc.constantFrom("~/", "$V/", "/", "C:\\", "$SIGIL_PROJECT/"),
      fc.array(piece, { maxLength: 6 }),
    )
    .map(([head, parts]) => head + parts.join("")),
);
const value = fc.constantFrom(
  "/home/a",
  "/h/[x]",
  "/h/$V",
  "/h/%V%/",
  "/h/..",
  "rel",
  "",
  "C:\\U\\a",
  "D:/x*",
  "\\\\s\\h",
  "/",
);
const context: fc.Arbitrary<ExpandContext> = fc.record({
  platform: fc.constantFrom("linux" as const, "macos" as const, "windows" as const),
  homes: fc.array(fc.record({ user: fc.constant(null), path: value }), { maxLength: 2 }),
  env: fc.record({ V: value, HOME: value }, { requiredKeys: [] }),
  projects: fc.array(value, { maxLength: 2 }),
});
const TOKEN = /\$\w|\$\{\w+\}|%\w+%/;

const plain = (text: string) => !TOKEN.test(text);

describe("expandTargets, for any pattern and host", () => {
  it("gives clean absolute bases, and globs without tokens", () => {
    fc.assert(
      fc.property(pattern, fc.array(pattern, { maxLength: 2 }), context, (path, exclude, host) => {
        const one = { ...target({ paths: ["/x"] }), paths: [path], exclude };
        const { roots } = expandTargets([one], host);
        for (const root of roots) {
          const windows = host.platform === "windows";
          expect(root.base).toMatch(windows ? /^[A-Za-z]:\\/ : /^\//);
          const names = root.base.split(windows ? "\\" : "/").slice(1);
          if (names.join("") !== "") expect(names).not.toContain("");
          expect(names).not.toContain(".");
          expect(names).not.toContain("..");
          expect(root.pattern ?? "x").not.toMatch(TOKEN);
          expect(root.pattern ?? "x").not.toMatch(/^$|^\/|\/$|\/\//);
          for (const { base } of root.exclude) {
            if (base !== null) expect(base).toMatch(windows ? /^[A-Za-z]:\\/ : /^\//);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
  it("leaves no token of the pattern unexpanded in a base", () => {
    fc.assert(
      fc.property(pattern, context, (path, host) => {
        // A `$` that is no token may stand before a value and look like one.
        fc.pre(!/[$%]/.test(path.replace(/\$\w+|\$\{\w+\}|%\w+%/g, "")));
        const values = [
          ...host.homes.map((home) => home.path),
          ...host.projects,
          ...Object.values(host.env),
        ];
        fc.pre(values.every((text) => text === undefined || plain(text)));
        const one = { ...target({ paths: ["/x"] }), paths: [path] };
        for (const root of expandTargets([one], host).roots) expect(root.base).not.toMatch(TOKEN);
      }),
      { numRuns: 1000 },
    );
  });
  it("accounts for every pattern: a root or a reason, unless it wants a home or project there is none of", () => {
    fc.assert(
      fc.property(pattern, context, (path, host) => {
        fc.pre(host.homes.length > 0 && host.projects.length > 0);
        const one = { ...target({ paths: ["/x"] }), paths: [path] };
        const { roots, skipped } = expandTargets([one], host);
        expect(roots.length + skipped.length).toBeGreaterThan(0);
      }),
    );
  });
});
