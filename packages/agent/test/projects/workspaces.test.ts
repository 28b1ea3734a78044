import { symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { findProjects } from "../../src/projects/workspaces.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

const limits = { maxDepth: 4, maxProjects: 100, maxDirectories: 100, maxEntries: 1000 };
const names = (paths: readonly string[]) =>
  paths.map((path) => path.slice(dir.path.length)).toSorted();

describe("findProjects", () => {
  describe("when directories have what makes a project", () => {
    it("finds repositories, guard surfaces and packages, nested ones too", () => {
      dir.mkdir("repo/.git");
      dir.write("repo/packages/inner/CLAUDE.md", "");
      dir.write("gitfile/.git", "gitdir: ../x");
      dir.mkdir("agent/.cursor");
      dir.write("plain/readme.txt", "");
      expect(names(findProjects(dir.path, limits).projects)).toEqual([
        "/agent",
        "/gitfile",
        "/repo",
        "/repo/packages/inner",
      ]);
    });

    it("takes the workspace itself for one", () => {
      dir.mkdir(".git");
      expect(findProjects(dir.path, limits).projects).toEqual([dir.path]);
    });
  });

  describe("when directories are large or hidden", () => {
    it("does not enter them", () => {
      for (const name of ["node_modules", ".hidden", "vendor", "target"]) dir.mkdir(name, "x/.git");
      const { projects, looked } = findProjects(dir.path, limits);
      expect(projects).toEqual([]);
      expect(looked).toEqual([dir.path]);
    });
  });

  describe("when it is deep", () => {
    it("stops at the level of the limit", () => {
      dir.mkdir("1/2/.git");
      dir.mkdir("1/2/3/.git");
      const { projects, looked } = findProjects(dir.path, { ...limits, maxDepth: 2 });
      expect(names(projects)).toEqual(["/1/2"]);
      expect(names(looked)).toEqual(["", "/1", "/1/2"]);
    });
  });

  describe("when there are too many", () => {
    it("stops at the limit", () => {
      for (const name of ["a", "b", "c"]) dir.mkdir(name, ".git");
      expect(findProjects(dir.path, limits).cut).toBe(false);
      const { projects, cut } = findProjects(dir.path, { ...limits, maxProjects: 2 });
      expect(projects).toHaveLength(2);
      expect(cut).toBe(true);
    });

    it.each([{ maxDirectories: 50 }, { maxEntries: 60 }])(
      "looks into no more directories than %j allows, upper levels first",
      (less) => {
        dir.mkdir("mine/.git");
        for (let index = 0; index < 40; index += 1) dir.mkdir(`large/d${index}/e${index}`);
        const { projects, looked, cut } = findProjects(dir.path, { ...limits, ...less });
        expect(names(projects)).toEqual(["/mine"]);
        expect(looked.length).toBeLessThanOrEqual(50);
        expect(cut).toBe(true);
      },
    );
  });

  describe("when there are links", () => {
    it("takes a linked project under its real path, once", () => {
      dir.mkdir("real/.git");
      dir.mkdir("src");
      symlinkSync("../real", dir.at("src/alias"));
      symlinkSync(dir.at("real"), dir.at("src/again"));
      symlinkSync("nowhere", dir.at("src/dangling"));
      const { projects, looked } = findProjects(dir.at("src"), limits);
      expect(names(projects)).toEqual(["/real"]);
      expect(names(looked)).toEqual(["/src"]);
    });

    it("searches the workspace itself also where it is a link", () => {
      dir.mkdir("data/one/.git");
      symlinkSync("data", dir.at("src"));
      expect(names(findProjects(dir.at("src"), limits).projects)).toEqual(["/data/one"]);
    });

    it("searches nothing below a link, so a circle ends and a repository cannot lead it over the machine", () => {
      dir.mkdir("src/repo/.git");
      dir.mkdir("elsewhere/secret/.git");
      symlinkSync(dir.at("elsewhere"), dir.at("src/repo/out"));
      symlinkSync(dir.path, dir.at("src/repo/up"));
      symlinkSync("/", dir.at("src/root"));
      const { projects, looked } = findProjects(dir.at("src"), limits);
      expect(names(projects)).toEqual(["/src/repo"]);
      expect(names(looked)).toEqual(["/src", "/src/repo"]);
    });

    it("leads root to directories of allowed owners only", () => {
      dir.mkdir("real/.git");
      dir.mkdir("src");
      symlinkSync("../real", dir.at("src/alias"));
      symlinkSync("real", dir.at("linked"));
      const none = { ...limits, linkOwners: new Set([-1]) };
      expect(findProjects(dir.at("src"), none).projects).toEqual([]);
      expect(findProjects(dir.at("linked"), none)).toMatchObject({ projects: [], looked: [] });
    });
  });

  describe("when the workspace is not a directory", () => {
    it("finds nothing", () => {
      for (const path of [dir.at("missing"), dir.write("file", ""), `${dir.at("file")}/x`])
        expect(findProjects(path, limits)).toEqual({ projects: [], looked: [], cut: false });
    });
  });

  describe("when a name is not UTF-8", () => {
    it("goes on past it", () => {
      dir.mkdir("ok/.git");
      writeFileSync(Buffer.concat([Buffer.from(`${dir.path}/`), Buffer.from([0xff])]), "");
      expect(names(findProjects(dir.path, limits).projects)).toEqual(["/ok"]);
    });
  });
});
