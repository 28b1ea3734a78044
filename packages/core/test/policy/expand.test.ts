import { describe, expect, it } from "vitest";
import {
  createMatcher,
  escapeGlob,
  expandLiteral,
  type ExpandContext,
  expandTargets,
  rootId,
} from "../../src/index.ts";
import { expand, LINUX, MACOS, target, WINDOWS } from "./build.ts";

/** `[base, pattern]` of each root. */
function places(path: string, context: ExpandContext = LINUX) {
  return expand({ paths: [path] }, context).roots.map((root) => [root.base, root.pattern]);
}
const whyNot = (path: string, context: ExpandContext = LINUX) =>
  expand({ paths: [path] }, context).skipped.map(({ why, detail }) => ({ why, detail }));

const excludes = (exclude: string[], path = "~/.claude/**", context = LINUX) =>
  expand({ paths: [path], exclude }, context).roots[0]?.exclude;

describe("expandTargets", () => {
  describe("when a path is literal", () => {
    it.each([
      ["~", "/home/alice"],
      ["~/", "/home/alice"],
      ["~/.claude/settings.json", "/home/alice/.claude/settings.json"],
      ["~/.claude/", "/home/alice/.claude"],
      ["$HOME/x", "/home/alice/x"],
      ["${HOME}/x", "/home/alice/x"],
      ["%USERPROFILE%/x", "/home/alice/x"],
      ["/etc//codex/./x/", "/etc/codex/x"],
      ["/", "/"],
      ["/a/file(1)!.txt", "/a/file(1)!.txt"],
      ["/a/b+c@d", "/a/b+c@d"],
    ])("%j is the base %j", (path, base) => {
      expect(places(path)).toEqual([[base, null]]);
    });
  });

  describe("when a path has wildcards", () => {
    it.each([
      ["~/.claude/hooks/**", "/home/alice/.claude/hooks", "**"],
      ["~/.claude/settings*.json", "/home/alice/.claude", "settings*.json"],
      ["~/.cursor/{mcp,hooks}.json", "/home/alice/.cursor", "{mcp,hooks}.json"],
      ["~/{a,b/c}/d", "/home/alice", "{a,b/c}/d"],
      ["~/x/*/", "/home/alice/x", "*"],
      ["~/x/*//./y", "/home/alice/x", "*/y"],
      ["~/x/@(a|b)", "/home/alice/x", "@(a|b)"],
      ["/[ab]", "/", "[ab]"],
      ["${HOME}/*.sh", "/home/alice", "*.sh"],
    ])("%j hangs the glob from a literal base", (path, base, pattern) => {
      expect(places(path)).toEqual([[base, pattern]]);
    });
  });

  describe("when a home or a variable holds characters that mean something", () => {
    it.each([
      "/home/a[b]c",
      "/home/*",
      "/home/{x,y}",
      "/home/a?",
      "/home/!(z)",
      "/home/$USER",
      "/home/%x%",
      "/home/a\\b",
    ])("takes %j literally", (path) => {
      const context = { ...LINUX, homes: [{ user: null, path }], env: { CODEX_HOME: path } };
      expect(places("~/.x/*.y", context)).toEqual([[`${path}/.x`, "*.y"]]);
      expect(places("$HOME/.x", context)).toEqual([[`${path}/.x`, null]]);
      expect(places("${CODEX_HOME}/.x", context)).toEqual([[`${path}/.x`, null]]);
    });
  });

  describe("when a token names a variable", () => {
    const context = { ...LINUX, env: { XDG_CONFIG_HOME: "/home/alice/.cfg/", EMPTY: "" } };
    it.each(["$XDG_CONFIG_HOME/x", "${XDG_CONFIG_HOME}/x", "%XDG_CONFIG_HOME%/x"])(
      "%j is its value",
      (path) => {
        expect(places(path, context)).toEqual([["/home/alice/.cfg/x", null]]);
      },
    );
    it("may stand in the middle and twice", () => {
      expect(places("/a/$HOMEX-${B}/$B", { ...LINUX, env: { HOMEX: "h", B: "b" } })).toEqual([
        ["/a/h-b/b", null],
      ]);
    });
    it.each([
      ["$NOPE/x", "NOPE"],
      ["${EMPTY}/x", "EMPTY"],
      ["/a/%NOPE%/x", "NOPE"],
      ["/a/$constructor", "constructor"],
      ["/a/$__proto__", "__proto__"],
    ])("%j is skipped when it is unset or empty", (path, name) => {
      expect(places(path, context)).toEqual([]);
      expect(whyNot(path, context)).toEqual([{ why: "unset_variable", detail: name }]);
    });
    it("is refused after a wildcard", () => {
      expect(whyNot("/a/*/$HOME")).toEqual([{ why: "variable_after_wildcard", detail: "*/$HOME" }]);
    });
  });

  describe("when a path leads nowhere absolute", () => {
    it.each(["x", "./x", "*.md", "*/x", "~bob/x", "%%", "C:\\x"])("skips %j", (path) => {
      expect(places(path)).toEqual([]);
      expect(whyNot(path)).toMatchObject([{ why: "not_absolute" }]);
    });
    it("skips a relative value of a variable", () => {
      const context = { ...LINUX, env: { V: "rel" } };
      expect(whyNot("$V/x", context)).toEqual([{ why: "not_absolute", detail: "rel/x" }]);
    });
    it("skips an account without a home rather than take the root directory", () => {
      const context = { ...LINUX, homes: [{ user: "nobody", path: "" }] };
      expect(places("~/x", context)).toEqual([]);
      expect(places("$HOME/x", context)).toEqual([]);
      expect(places("~", context)).toEqual([]);
    });
  });

  describe("when a path holds a parent reference", () => {
    it.each(["/a/../b", "~/..", "/a/*/../b"])("skips %j", (path) => {
      expect(whyNot(path)).toMatchObject([{ why: "parent_reference" }]);
    });
    it("skips one that a variable brings in", () => {
      expect(whyNot("$V/x", { ...LINUX, env: { V: "/a/../b" } })).toEqual([
        { why: "parent_reference", detail: "/a/../b/x" },
      ]);
    });
    it("keeps names that only look like one", () => {
      expect(places("/a/..b/c..")).toEqual([["/a/..b/c..", null]]);
    });
  });

  describe("when a glob is not supported", () => {
    it("skips it, whoever built the target", () => {
      const bad = { ...target({ paths: ["/a"] }), paths: ["/a/+(x|xx)"] };
      expect(expandTargets([bad], LINUX)).toMatchObject({
        roots: [],
        skipped: [{ why: "unsupported_glob" }],
      });
    });
  });

  describe("when the platform is Windows", () => {
    it.each([
      ["~\\.claude\\settings.json", "C:\\Users\\alice\\.claude\\settings.json", null],
      ["~/.claude/hooks/**", "C:\\Users\\alice\\.claude\\hooks", "**"],
      ["%APPDATA%\\Claude\\*.json", "C:\\Users\\alice\\AppData\\Roaming\\Claude", "*.json"],
      ["%PROGRAMDATA%\\x", "C:\\ProgramData\\x", null],
      ["%AppData%\\x", "C:\\Users\\alice\\AppData\\Roaming\\x", null],
      ["%UserProfile%\\x", "C:\\Users\\alice\\x", null],
      ["D:\\\\a\\.\\b\\", "D:\\a\\b", null],
      ["D:\\", "D:\\", null],
      ["D:\\.", "D:\\", null],
      ["D:/a/*/b\\c", "D:\\a", "*/b/c"],
      ["D:\\*.exe", "D:\\", "*.exe"],
    ])("%j is %j and %j", (path, base, pattern) => {
      expect(places(path, WINDOWS)).toEqual([[base, pattern]]);
    });
    it("reads a name with parentheses", () => {
      const context = { ...WINDOWS, env: { "ProgramFiles(x86)": "C:\\Program Files (x86)" } };
      expect(places("%ProgramFiles(x86)%\\t\\*", context)).toEqual([
        ["C:\\Program Files (x86)\\t", "*"],
      ]);
    });
    it.each(["\\\\server\\share\\x", "C:x", "C:", "C:*", "\\x", "/etc/x", "\\\\?\\C:\\x"])(
      "skips %j: no local drive",
      (path) => {
        expect(places(path, WINDOWS)).toEqual([]);
      },
    );
    it("skips a parent reference a variable brings in", () => {
      const context = { ...WINDOWS, env: { V: "C:\\a\\.." } };
      expect(whyNot("%V%\\x", context)).toMatchObject([{ why: "parent_reference" }]);
    });
  });
  describe("when the platform is not Windows", () => {
    it("does not forgive the case of a variable", () => {
      expect(whyNot("%AppData%/x", { ...LINUX, env: { APPDATA: "/x" } })).toHaveLength(1);
    });
    it("takes a backslash for an escape in a glob and for a character in a name", () => {
      expect(places("/a\\b/\\*x*")).toEqual([["/a\\b", "\\*x*"]]);
    });
  });

  describe("when there are several homes", () => {
    const homes = [
      { user: "a", path: "/home/a" },
      { user: "b", path: "/srv/b" },
    ];
    it("expands for each and says whose it is", () => {
      const { roots } = expand({ paths: ["~/x", "/etc/x"] }, { ...LINUX, homes });
      expect(roots.map((root) => [root.user, root.base])).toEqual([
        ["a", "/home/a/x"],
        ["b", "/srv/b/x"],
        [null, "/etc/x"],
      ]);
    });
    it("lets $HOME be each home and not the environment's", () => {
      const context = { ...LINUX, homes, env: { HOME: "/root" } };
      expect(places("$HOME/x", context)).toEqual([
        ["/home/a/x", null],
        ["/srv/b/x", null],
      ]);
    });
    it("keeps one root where two homes are one directory", () => {
      const same = [...homes, { user: "c", path: "/home/a" }];
      expect(expand({ paths: ["~/x"] }, { ...LINUX, homes: same }).roots).toHaveLength(2);
    });
    it("has none for no home, and calls nothing skipped", () => {
      expect(expand({ paths: ["~/x"] }, { ...LINUX, homes: [] })).toEqual({
        roots: [],
        skipped: [],
      });
    });
  });

  describe("when a path names projects", () => {
    const path = "$SIGIL_PROJECT/.claude/settings.json";
    it("expands for each and says which", () => {
      const projects = ["/p/[one]", "/p/two/"];
      const { roots } = expand({ paths: [path] }, { ...LINUX, projects });
      expect(roots.map((root) => [root.project, root.base])).toEqual([
        ["/p/[one]", "/p/[one]/.claude/settings.json"],
        ["/p/two/", "/p/two/.claude/settings.json"],
      ]);
    });
    it("has none for no project, whatever the environment says", () => {
      const context = { ...LINUX, env: { SIGIL_PROJECT: "/evil" } };
      expect(expand({ paths: [path, "${SIGIL_PROJECT}/x"] }, context)).toEqual({
        roots: [],
        skipped: [],
      });
    });
  });

  describe("when a target does not apply", () => {
    it("leaves it out when disabled or of another platform", () => {
      expect(expand({ paths: ["/x"], disabled: true }).roots).toEqual([]);
      expect(expand({ paths: ["/x"], platform: "macos" }).roots).toEqual([]);
      expect(expand({ paths: ["/x"], platform: "macos" }, MACOS).roots).toHaveLength(1);
      expect(expand({ paths: ["/x"], platform: "linux" }).roots).toHaveLength(1);
    });
  });

  describe("when a target has excludes", () => {
    it.each([
      ["cache", { base: null, pattern: "cache" }],
      ["./cache/", { base: null, pattern: "cache" }],
      ["**/*.log", { base: null, pattern: "**/*.log" }],
      ["\\*x", { base: null, pattern: "\\*x" }],
      ["~$*.docx", { base: null, pattern: "~$*.docx" }],
      ["~/.claude/cache/", { base: "/home/alice/.claude/cache", pattern: "" }],
      ["~/.claude/c*", { base: "/home/alice/.claude", pattern: "c*" }],
      ["${HOME}/.claude/c", { base: "/home/alice/.claude/c", pattern: "" }],
      ["/home", { base: "/home", pattern: "" }],
    ])("%j becomes %j", (exclude, expected) => {
      expect(excludes([exclude])).toEqual([expected]);
    });
    it.each(["$NOPE/x", "./", "/elsewhere", "~/.claudex"])(
      "drops %j, which meets nothing",
      (exclude) => {
        expect(excludes([exclude])).toEqual([]);
      },
    );
    it("turns backslashes only on Windows", () => {
      expect(excludes(["a\\b"], "~/x/**", WINDOWS)).toEqual([{ base: null, pattern: "a/b" }]);
      expect(excludes(["%AppData%\\b"], "%APPDATA%/**", WINDOWS)).toEqual([
        { base: "C:\\Users\\alice\\AppData\\Roaming\\b", pattern: "" },
      ]);
    });
    it("gives each project's root only the excludes that can meet it", () => {
      const projects = Array.from({ length: 300 }, (_, index) => `/p/${index}`);
      const given = { paths: ["$SIGIL_PROJECT/**"], exclude: ["$SIGIL_PROJECT/node_modules"] };
      const { roots } = expand(given, { ...LINUX, projects });
      expect(roots).toHaveLength(300);
      expect(roots[7]?.exclude).toEqual([{ base: "/p/7/node_modules", pattern: "" }]);
      expect(Math.max(...roots.map((root) => root.exclude.length))).toBe(1);
    });
    it("keeps a nested project's exclude for the project around it", () => {
      const given = { paths: ["$SIGIL_PROJECT/**"], exclude: ["$SIGIL_PROJECT/dist"] };
      const { roots } = expand(given, { ...LINUX, projects: ["/p", "/p/sub"] });
      expect(roots[0]?.exclude.map(({ base }) => base)).toEqual(["/p/dist", "/p/sub/dist"]);
    });
  });

  it("keeps match order and the target's own facts", () => {
    const first = {
      ...target({ paths: ["/b", "/a"], tier: "critical", recursive: true }),
      id: "one",
    };
    const second = { ...target({ paths: ["/a"], follow_symlinks: false }), id: "two" };
    expect(expandTargets([first, second], LINUX).roots).toMatchObject([
      { targetId: "one", base: "/b", tier: "critical", recursive: true, followSymlinks: true },
      { targetId: "one", base: "/a" },
      { targetId: "two", base: "/a", tier: "standard", recursive: false, followSymlinks: false },
    ]);
  });
});

describe("rootId", () => {
  it("tells roots apart by target, base and pattern", () => {
    const ids = [
      { targetId: "a", base: "/b", pattern: null },
      { targetId: "a", base: "/b", pattern: "c" },
      { targetId: "a", base: "/b/c", pattern: null },
      { targetId: "ab", base: "/b", pattern: null },
    ].map(rootId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("expandLiteral", () => {
  it("expands tokens and refuses wildcards", () => {
    expect(expandLiteral("~/code", LINUX)).toEqual(["/home/alice/code"]);
    expect(expandLiteral("~/code/*", LINUX)).toEqual([]);
    expect(expandLiteral("$NOPE/code", LINUX)).toEqual([]);
  });
});

describe("escapeGlob", () => {
  it.each(["a*", "?", "[x]", "{a,b}", "@(a|b)", "!(a)", "a\\b", "$HOME", "%x%", "~", "]", "a-b!^"])(
    "quotes %j so that it means only itself",
    (name) => {
      const { roots, skipped } = expand({ paths: [`/base/*/${escapeGlob(name)}`] });
      expect(skipped).toEqual([]);
      const matcher = createMatcher(roots, "linux");
      expect(matcher.match(`/base/x/${name}`)).not.toBeNull();
      expect(matcher.match("/base/x/a")).toBeNull();
    },
  );
});
