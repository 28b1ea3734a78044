import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { isProjectRecord, recordedProjects } from "../../src/projects/records.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

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
      expect(recordedProjects(dir.path)).toEqual([
        "/p/claude",
        "/p/both",
        "/p/codex",
        "/p/gemini",
        "/p/gemini2",
      ]);
    });

    it("reads JSON as the tools do: with comments and trailing commas", () => {
      dir.write(".claude.json", '// mine\n{"projects": {"/p/a": {},},}');
      expect(recordedProjects(dir.path)).toEqual(["/p/a"]);
    });
  });

  describe("when there are no records", () => {
    it("has none", () => {
      expect(recordedProjects(dir.at("nobody"))).toEqual([]);
    });
  });

  describe("when a record names what is no path", () => {
    it("leaves out relative paths and those with NUL", () => {
      claude({ relative: {}, "./x": {}, "": {}, "~/x": {}, "/p/\0/etc": {}, "/p/ok": {} });
      expect(recordedProjects(dir.path)).toEqual(["/p/ok"]);
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
      expect(recordedProjects(dir.path)).toEqual([]);
    });

    it("takes nothing from a prototype", () => {
      dir.write(
        ".claude.json",
        '{"__proto__": {"projects": {"/p/evil": {}}}, "projects": {"__proto__": {"/x": 1}}}',
      );
      expect(recordedProjects(dir.path)).toEqual([]);
      expect(({} as Record<string, unknown>)["projects"]).toBeUndefined();
    });
  });

  describe("when a record is hostile", () => {
    it("does not read one of 40 MB", () => {
      claude({ "/p/a": {} });
      fs.truncateSync(dir.at(".claude.json"), 40 * 1024 * 1024);
      expect(recordedProjects(dir.path)).toEqual([]);
    });

    it.each([
      ["lists", "[".repeat(200_000)],
      ["objects", '{"a":'.repeat(200_000)],
    ])("is not ended by one that is nested without end: %s", (_title, content) => {
      dir.write(".claude.json", content);
      dir.write(".codex/config.toml", `x = ${content}`);
      dir.write(".gemini/projects.json", '{"projects": {"/p/gemini": 1}}');
      expect(recordedProjects(dir.path)).toEqual(["/p/gemini"]);
    });

    it("does not wait at a FIFO, nor follow a link", () => {
      execFileSync("mkfifo", [dir.at(".claude.json")]);
      dir.mkdir(".gemini");
      fs.symlinkSync(
        dir.write("far.json", '{"projects": {"/p/far": 1}}'),
        dir.at(".gemini/projects.json"),
      );
      expect(recordedProjects(dir.path)).toEqual([]);
    });
  });

  describe("when Cursor names a folder after a path", () => {
    const slug = (path: string) => path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "");

    it("finds the directory that exists, hyphens and dots in its name or not", () => {
      const projects = ["code/my-app", "code/my/other", "code/site.example.org"].map((name) =>
        dir.mkdir(name),
      );
      for (const project of projects) dir.mkdir(".cursor/projects", slug(project));
      expect(recordedProjects(dir.path).toSorted()).toEqual(projects.toSorted());
    });

    it("has none for a folder whose directory is gone", () => {
      dir.mkdir(".cursor/projects", slug(dir.at("code/gone")));
      dir.mkdir(".cursor/projects/-");
      dir.write(".cursor/projects/a-file", "");
      expect(recordedProjects(dir.path)).not.toContain(dir.at("code/gone"));
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
      vi.mocked(fs.readdirSync).mockClear();
      expect(recordedProjects(dir.path)).toEqual([]);
      expect(vi.mocked(fs.readdirSync).mock.calls.length).toBeLessThanOrEqual(513);
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
