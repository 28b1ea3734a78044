import { describe, expect, it } from "vitest";
import {
  createMatcher,
  expandTargets,
  type ExpandContext,
  rawKey,
  type Root,
} from "../../src/index.ts";
import { LINUX, MACOS, target, WINDOWS } from "./build.ts";

type Given = Parameters<typeof target>[0];
function matcherOf(given: Given | readonly Given[], context: ExpandContext = LINUX) {
  const list = (Array.isArray(given) ? given : [given]) as Given[];
  const targets = list.map((one, index) => ({ ...target(one), id: one.id ?? `t${index}` }));
  const { roots } = expandTargets(targets, context);
  const matcher = createMatcher(roots, context.platform);
  const [root] = roots;
  if (root === undefined) throw new Error("the target has no root");
  return {
    root,
    match: (key: string) => matcher.match(key),
    mayDescend: (at: Root, key: string) => matcher.mayDescend(at, key),
    descends: (key: string) => matcher.descends(key),
  };
}
const H = "/home/alice";
function check(given: Given, yes: string[], no: string[], context = LINUX) {
  const { match } = matcherOf(given, context);
  expect(
    yes.filter((path) => match(path) === null),
    "should match",
  ).toEqual([]);
  expect(
    no.filter((path) => match(path) !== null),
    "should not match",
  ).toEqual([]);
}

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

describe("match", () => {
  describe("when a target is one file", () => {
    it("means it alone, and not names that begin alike", () => {
      check(
        { paths: ["~/.claude.json"] },
        [`${H}/.claude.json`],
        [`${H}/.claude.jsonx`, H, "/", ""],
      );
    });
  });
  describe("when a target is a directory", () => {
    it("means its own entries when not recursive", () => {
      check({ paths: ["~/d/"] }, [`${H}/d`, `${H}/d/.x`, `${H}/d/a\nb`], [`${H}/d/x/y`, `${H}/dd`]);
    });
    it("means all below it when recursive", () => {
      check({ paths: ["~/d"], recursive: true }, [`${H}/d`, `${H}/d/x/.y/z`], [`${H}/dd/x`, H]);
    });
  });
  describe("when a target is a glob", () => {
    it("means names that begin with a dot, and names with line ends", () => {
      check(
        { paths: ["~/.claude/hooks/**"] },
        ["a", ".a", ".a/.b", "a\nb", "x/a\nb/c", "a\u2028b", "\\"].map(
          (n) => `${H}/.claude/hooks/${n}`,
        ),
        [`${H}/.claude/hooks`, `${H}/.claude/hooksx/a`, `${H}/.claude/hooks\\a`],
      );
    });
    it("lets ** span no directory", () => {
      check(
        { paths: ["~/a/**/b/*.sh"] },
        [`${H}/a/b/x.sh`, `${H}/a/c/d/b/x.sh`],
        [`${H}/a/x.sh`, `${H}/a/b/c/x.sh`, `${H}/ab/x.sh`],
      );
    });
    it("takes a trailing slash for nothing", () => {
      check({ paths: ["~/p/*/"] }, [`${H}/p/x`], [`${H}/p/x/y`]);
    });
    it("takes braces with and without slashes", () => {
      check(
        { paths: ["~/{.claude/settings,.cursor/x/mcp}.json"] },
        [`${H}/.claude/settings.json`, `${H}/.cursor/x/mcp.json`],
        [`${H}/.claude/mcp.json`, `${H}/.cursor/mcp.json`],
      );
    });
    it("reads a leading ! and other characters of regular expressions as themselves", () => {
      check({ paths: ["~/!x*"] }, [`${H}/!x`, `${H}/!xy`], [`${H}/x`, `${H}/y`]);
      check({ paths: ["~/*.(1)"] }, [`${H}/a.(1)`], [`${H}/a.1`]);
      check({ paths: ["~/[!a]b"] }, [`${H}/bb`], [`${H}/ab`, `${H}/!`]);
    });
    it("means all below what it matches when recursive", () => {
      check(
        { paths: ["~/ext/*/hooks"], recursive: true },
        [`${H}/ext/a/hooks`, `${H}/ext/a/hooks/b/c`],
        [`${H}/ext/a`, `${H}/ext/a/b/hooks`],
      );
    });
  });

  describe("when a target has excludes", () => {
    it("leaves out what a relative one names, and all below", () => {
      check(
        { paths: ["~/c/**"], exclude: ["cache/", "**/*.log", "a/b"] },
        [`${H}/c/x`, `${H}/c/cached`, `${H}/c/x/cache`, `${H}/c/a/c`],
        [`${H}/c/cache`, `${H}/c/cache/x/y`, `${H}/c/x.log`, `${H}/c/x/y.log/z`, `${H}/c/a/b/c`],
      );
    });
    it("leaves out what an absolute one names, and all below", () => {
      check(
        { paths: ["~/c/**"], exclude: ["~/c/p", "$HOME/c/*.tmp"] },
        [`${H}/c/x`, `${H}/c/pp`, `${H}/c/x/a.tmp`],
        [`${H}/c/p`, `${H}/c/p/x`, `${H}/c/a.tmp`],
      );
    });
    it("is not fooled by a backslash in a name", () => {
      check({ paths: ["/c/**"], exclude: ["/c/cache"] }, ["/c/cache\\evil.sh"], ["/c/cache/x"]);
    });
    it("leaves nothing of a target whose base is excluded", () => {
      check({ paths: ["~/c/**"], exclude: ["~"] }, [], [`${H}/c/x`]);
    });
    it("leaves other targets alone", () => {
      const { match } = matcherOf([
        { paths: ["~/c/**"], exclude: ["x"] },
        { paths: ["~/c/x"], id: "second" },
      ]);
      expect(match(`${H}/c/x`)?.targetId).toBe("second");
    });
  });

  describe("when several targets mean a path", () => {
    const three = matcherOf([
      { paths: ["~/**"], tier: "critical", id: "base", follow_symlinks: true },
      { paths: ["~/.x/*"], id: "signed", follow_symlinks: false },
      { paths: ["~/.x/y"], id: "local", follow_symlinks: false },
    ]);
    it("names the last, with the highest tier of all", () => {
      expect(three.match(`${H}/.x/y`)).toMatchObject({ targetId: "local", tier: "critical" });
      expect(three.match(`${H}/.x/z`)).toMatchObject({ targetId: "signed", tier: "critical" });
      expect(three.match(`${H}/.x/y`)?.roots.map((root) => root.targetId)).toEqual([
        "base",
        "signed",
        "local",
      ]);
    });
    it("follows links when any of them asks: a later target cannot hide contents", () => {
      expect(three.match(`${H}/.x/y`)?.followSymlinks).toBe(true);
      const one = matcherOf({ paths: ["~/y"], follow_symlinks: false });
      expect(one.match(`${H}/y`)?.followSymlinks).toBe(false);
    });
    it("keeps that order when bases differ in depth", () => {
      const { match } = matcherOf([
        { paths: ["~/a/b"], id: "first" },
        { paths: ["~/**"], id: "second" },
      ]);
      expect(match(`${H}/a/b`)?.targetId).toBe("second");
    });
  });

  describe("when homes have names that look like globs", () => {
    it.each(["/home/a[b]", "/home/*", "/home/{a,b}", "/home/(x)", "/home/a\\b", "/home/a\\"])(
      "means %j and nothing else",
      (path) => {
        const context = { ...LINUX, homes: [{ user: null, path }] };
        check({ paths: ["~/x/*"] }, [`${path}/x/y`], ["/home/a/x/y", "/home/ab/x/y"], context);
      },
    );
  });

  describe("when letters differ only in case", () => {
    const given: Given = { paths: ["~/.Claude/**/*.JSON"], exclude: ["Cache", "~/.claude/OLD/*"] };
    it.each([
      ["macos", MACOS, "/Users/alice/.claude/x/a.json", "/users/ALICE/.CLAUDE/A.Json"],
      [
        "windows",
        WINDOWS,
        "C:\\Users\\alice\\.claude\\x\\a.json",
        "c:\\uSERS/Alice\\.CLAUDE/A.Json",
      ],
    ] as const)("takes them for equal on %s", (_name, context, one, other) => {
      const base = one.split(".claude")[0];
      const at = (path: string) => (base + path).replaceAll("/", one.startsWith("C") ? "\\" : "/");
      check(given, [one, other], [at(".claude/cACHE/a.json"), at(".CLAUDE/old/a.json")], context);
    });
    it("takes them for different on Linux", () => {
      check(given, [`${H}/.Claude/a.JSON`], [`${H}/.claude/a.json`, `${H}/.Claude/a.json`]);
    });
    it("knows the names APFS opens for a guard file", () => {
      check(
        { paths: ["~/.claude/settings.json", "~/.claude/hooks/*"] },
        ["/Users/alice/.claude/\u017fettings.json", "/Users/alice/.claude/HOO\u212as/x"],
        [],
        MACOS,
      );
    });
    it("finds a home whose name is composed otherwise", () => {
      const context = { ...MACOS, homes: [{ user: null, path: "/Users/j\u00fcrgen" }] };
      check({ paths: ["~/*.\u00e9"] }, ["/Users/ju\u0308rgen/x.e\u0301"], [], context);
    });
    it("finds a base whose lower case is longer", () => {
      const context = { ...WINDOWS, homes: [{ user: null, path: "C:\\Users\\İ" }] };
      check({ paths: ["~/a/*"] }, ["C:\\Users\\İ\\a\\b", "C:\\Users\\i\u0307\\a\\b"], [], context);
    });
  });

  describe("when the path is not UTF-8", () => {
    it("is found below a base of any letters", () => {
      const context = { ...LINUX, homes: [{ user: null, path: "/home/jürgen" }] };
      const { match } = matcherOf({ paths: ["~/.claude/hooks/**", "~/é*"] }, context);
      expect(match(rawKey(`${latin1("/home/jürgen/.claude/hooks/日")}\xff.sh`))).not.toBeNull();
      expect(match(rawKey(`${latin1("/home/jürgen/é")}\xff`))).not.toBeNull();
      expect(match(rawKey(`${latin1("/home/jurgen/é")}\xff`))).toBeNull();
    });
    it("does not pass for the text with the same characters", () => {
      const { match } = matcherOf({ paths: ["/a/ÿ"] });
      expect(match("/a/ÿ")).not.toBeNull();
      expect(match(rawKey("/a/\xff"))).toBeNull();
    });
  });

  describe("when the platform is Windows", () => {
    it("means drive roots and below", () => {
      check({ paths: ["D:\\"] }, ["D:\\", "D:\\x", "d:\\x"], ["D:\\x\\y", "E:\\x"], WINDOWS);
      check({ paths: ["D:\\**\\x"] }, ["D:\\x", "D:\\a\\b\\x"], ["D:\\y"], WINDOWS);
    });
  });
});

const descend = (given: Given, yes: string[], no: string[], context = LINUX) => {
  const { mayDescend, root } = matcherOf(given, context);
  expect(
    yes.filter((path) => !mayDescend(root, path)),
    "should enter",
  ).toEqual([]);
  expect(
    no.filter((path) => mayDescend(root, path)),
    "should stay out",
  ).toEqual([]);
};

describe("mayDescend", () => {
  it("enters the base and nothing below for a plain directory", () => {
    descend({ paths: ["/d"] }, ["/d"], ["/d/x", "/", "/e", "/dd"]);
  });
  it("enters all below for a recursive one", () => {
    descend({ paths: ["/d"], recursive: true }, ["/d", "/d/x/y"], ["/"]);
  });
  it("enters only where the glob leads", () => {
    descend(
      { paths: ["/p/*/hooks/*.json"] },
      ["/p", "/p/a", "/p/a/hooks"],
      ["/p/a/node_modules", "/p/a/hooks/x"],
    );
    descend({ paths: ["/p/{a,b/c}/*"] }, ["/p", "/p/a", "/p/b", "/p/b/c"], ["/p/c", "/p/a/x"]);
  });
  it("stays out of what is excluded", () => {
    descend(
      { paths: ["/p/**"], exclude: ["cache", "**/node_modules", "/p/logs/*"] },
      ["/p", "/p/x"],
      [
        "/p/cache",
        "/p/cache/x",
        "/p/a/node_modules",
        "/p/a/node_modules/b",
        "/p/logs",
        "/p/logs/x",
      ],
    );
  });
  it("enters a directory of which only some names are excluded", () => {
    descend(
      { paths: ["/p/**"], exclude: ["a/?", "b/[!k]*", "*/*.log"] },
      ["/p/a", "/p/b", "/p/c"],
      ["/p/a/x", "/p/b/x"],
    );
  });
  it("does not mind case where the platform does not", () => {
    descend(
      { paths: ["~/P/*/x"] },
      ["/USERS/alice/p", "/Users/alice/P/Q"],
      ["/Users/alice/q"],
      MACOS,
    );
  });
  it("says no for a root of another matcher", () => {
    const { mayDescend, root } = matcherOf({ paths: ["/d"] });
    expect(mayDescend({ ...root }, "/d")).toBe(false);
  });
});

describe("descends", () => {
  it("lists the roots worth entering, in match order", () => {
    const { descends } = matcherOf([
      { paths: ["/p/a/*"], id: "deep" },
      { paths: ["/p/**"], id: "all" },
      { paths: ["/p/*"], id: "flat" },
      { paths: ["/p/**"], exclude: ["a"], id: "not-a" },
    ]);
    expect(descends("/p/a").map((root) => root.targetId)).toEqual(["deep", "all"]);
    expect(descends("/p").map((root) => root.targetId)).toEqual(["all", "flat", "not-a"]);
    expect(descends("/")).toEqual([]);
  });
});
