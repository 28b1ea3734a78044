import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { isProjectRecord, recordedBeside, recordedProjects } from "../../src/projects/records.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

const LIMITS = { maxProjects: 100, maxDirectories: 1000, maxEntries: 10_000 };

const recorded = (home: string) => recordedProjects(home, LIMITS).projects;

const claude = (projects: unknown) => dir.write(".claude.json", JSON.stringify({ projects }));

describe("recordedProjects", () => {
  describe("when tools remember projects", () => {
    it("has those of every tool, each once", () => {
      claude({ "/p/claude": {}, "/p/both": {} });
      dir.write(
        ".codex/config.toml",
        '[projects."/p/codex"]\ntrust_level = "trusted"\n[projects."/p/both"]\n',
      );
      dir.write(".gemini/trustedFolders.json", '{"/p/gemini": "TRUST_FOLDER"}');
      dir.write(".gemini/projects.json", '{"projects": {"/p/gemini2": "x"}}');
      expect(recorded(dir.path)).toEqual([
        "/p/claude",
        "/p/both",
        "/p/codex",
        "/p/gemini",
        "/p/gemini2",
      ]);
    });

    it("reads JSON as the tools do: with comments and trailing commas", () => {
      dir.write(".claude.json", '// mine\n{"projects": {"/p/a": {},},}');
      expect(recorded(dir.path)).toEqual(["/p/a"]);
    });
  });

  describe("when there are no records", () => {
    it("has none", () => {
      expect(recorded(dir.at("nobody"))).toEqual([]);
    });
  });

  describe("when a record names what is no path", () => {
    it("leaves out relative paths and those with NUL", () => {
      claude({ relative: {}, "./x": {}, "": {}, "~/x": {}, "/p/\0/etc": {}, "/p/ok": {} });
      expect(recorded(dir.path)).toEqual(["/p/ok"]);
    });
  });

  describe("when a record has another shape", () => {
    it.each([
      "null",
      "[]",
      '"text"',
      "7",
      '{"projects": ["/p/a"]}',
      '{"projects": null}',
      "{",
      "",
      "\0\0\0",
    ])("names none: %j", (content) => {
      for (const name of [
        ".claude.json",
        ".gemini/trustedFolders.json",
        ".gemini/projects.json",
        ".codex/config.toml",
      ])
        dir.write(name, content);
      expect(recorded(dir.path)).toEqual([]);
    });

    it("takes nothing from a prototype", () => {
      dir.write(
        ".claude.json",
        '{"__proto__": {"projects": {"/p/evil": {}}}, "projects": {"__proto__": {"/x": 1}}}',
      );
      expect(recorded(dir.path)).toEqual([]);
      expect(({} as Record<string, unknown>)["projects"]).toBeUndefined();
    });
  });

  describe("when a record is hostile", () => {
    it.each([
      [".claude.json", 40],
      [".codex/config.toml", 2],
      [".gemini/trustedFolders.json", 2],
      [".gemini/projects.json", 2],
    ])("does not read a %s of %i MB, and says so", (name, megabytes) => {
      fs.truncateSync(dir.write(name, '{"projects": {"/p/a": {}}}'), megabytes * 1024 * 1024);
      expect(recordedProjects(dir.path, LIMITS)).toEqual({ projects: [], cut: [dir.at(name)] });
    });

    it("takes no more names from one than it may, and says so", () => {
      const names = Array.from({ length: 120 }, (_, index) => `/p/${index}`);
      const object = Object.fromEntries(names.map((name) => [name, 0]));
      claude(object);
      dir.write(".gemini/trustedFolders.json", JSON.stringify(object));
      dir.write(".codex/config.toml", names.map((name) => `[projects."${name}"]`).join("\n"));
      const { projects, cut } = recordedProjects(dir.path, LIMITS);
      expect(projects).toEqual(names.slice(0, 100));
      expect(cut).toEqual(
        [".claude.json", ".codex/config.toml", ".gemini/trustedFolders.json"].map((name) =>
          dir.at(name),
        ),
      );
    });

    it.each([
      ["lists", "[".repeat(200_000)],
      ["objects", '{"a":'.repeat(200_000)],
    ])("is not ended by one that is nested without end: %s", (_title, content) => {
      dir.write(".claude.json", content);
      dir.write(".codex/config.toml", `x = ${content}`);
      dir.write(".gemini/projects.json", '{"projects": {"/p/gemini": 1}}');
      expect(recorded(dir.path)).toEqual(["/p/gemini"]);
    });

    it("does not wait at a FIFO, nor follow a link", () => {
      execFileSync("mkfifo", [dir.at(".claude.json")]);
      dir.mkdir(".gemini");
      fs.symlinkSync(
        dir.write("far.json", '{"projects": {"/p/far": 1}}'),
        dir.at(".gemini/projects.json"),
      );
      expect(recorded(dir.path)).toEqual([]);
    });
  });

  describe("when Cursor names a folder after a path", () => {
    const slug = (path: string) => path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "");
    const named = (count: number, path: string) => {
      for (let index = 0; index < count; index += 1)
        dir.mkdir(".cursor/projects", `${slug(path)}-${index}`);
    };

    it("lists a directory once, however many names lead to it", () => {
      dir.mkdir("x");
      for (const name of ["x/1", "x/57"]) dir.mkdir(name);
      named(100, dir.at("x"));
      vi.mocked(fs.opendirSync).mockClear();
      expect(recorded(dir.path).toSorted()).toEqual([dir.at("x/1"), dir.at("x/57")]);
      const asked = vi.mocked(fs.opendirSync).mock.calls.map(([path]) => String(path));
      expect(asked.filter((path) => path === dir.at("x"))).toHaveLength(1);
      expect(new Set(asked).size).toBe(asked.length);
    });

    it("reads no more entries than it may in all, and says that it was cut", () => {
      const path = dir.mkdir("x");
      for (let index = 0; index < 300; index += 1) dir.write(`x/f${index}`, "");
      named(20, path);
      const limits = { ...LIMITS, maxEntries: 250 };
      expect(recordedProjects(dir.path, limits)).toEqual({
        projects: [],
        cut: [dir.at(".cursor/projects")],
      });
      expect(recordedProjects(dir.path, LIMITS).cut).toEqual([]);
    });

    it("looks into no more directories than it may in all, and says that it was cut", () => {
      for (let index = 0; index < 30; index += 1) dir.mkdir(`d${index}/a/b`);
      for (let index = 0; index < 30; index += 1)
        dir.mkdir(".cursor/projects", `${slug(dir.at(`d${index}`))}-a-missing`);
      vi.mocked(fs.opendirSync).mockClear();
      const { cut } = recordedProjects(dir.path, { ...LIMITS, maxDirectories: 20 });
      expect(cut).toEqual([dir.at(".cursor/projects")]);
      expect(vi.mocked(fs.opendirSync).mock.calls.length).toBeLessThanOrEqual(20);
    });

    it("says that it was cut where there are more names than are looked at", () => {
      named(300, dir.mkdir("x"));
      expect(recordedProjects(dir.path, LIMITS).cut).toEqual([dir.at(".cursor/projects")]);
    });

    it("gives other work its turn meanwhile, and finds the same", async () => {
      const path = dir.mkdir("x/1");
      named(5, dir.at("x"));
      expect(await recordedBeside([dir.path, dir.at("nobody")], LIMITS)).toEqual({
        projects: [path],
        cut: [],
      });
    });

    it("finds the directory that exists, hyphens and dots in its name or not", () => {
      const projects = ["code/my-app", "code/my/other", "code/site.example.org"].map((name) =>
        dir.mkdir(name),
      );
      for (const project of projects) dir.mkdir(".cursor/projects", slug(project));
      expect(recorded(dir.path).toSorted()).toEqual(projects.toSorted());
    });

    it("has none for a folder whose directory is gone", () => {
      dir.mkdir(".cursor/projects", slug(dir.at("code/gone")));
      dir.mkdir(".cursor/projects/-");
      dir.write(".cursor/projects/a-file", "");
      expect(recorded(dir.path)).not.toContain(dir.at("code/gone"));
    });

    it("gives up where one name could mean too many directories", () => {
      // `a` and `.a` are one to Cursor: without a bound all 1023 directories would be looked through.
      const plant = (at: string, levels: number): void => {
        dir.mkdir(at);
        if (levels === 0) return;
        for (const name of ["a", ".a"]) plant(`${at}/${name}`, levels - 1);
      };
      plant("deep", 9);
      dir.mkdir(".cursor/projects", `${slug(dir.at("deep"))}${"-a".repeat(9)}-missing`);
      vi.mocked(fs.opendirSync).mockClear();
      expect(recorded(dir.path)).toEqual([]);
      expect(vi.mocked(fs.opendirSync).mock.calls.length).toBeLessThanOrEqual(513);
    });
  });
});

describe("isProjectRecord", () => {
  describe("when a path is asked for", () => {
    it("knows the files that name projects, and no others", () => {
      expect(isProjectRecord("/home/u/.claude.json")).toBe(true);
      expect(isProjectRecord("/home/u/.codex/config.toml")).toBe(true);
      expect(isProjectRecord("/home/u/.claude/settings.json")).toBe(false);
    });
  });
});
