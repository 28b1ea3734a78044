import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { linksOn, withAbove } from "../../src/fs/links.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("linksOn", () => {
  describe("when no link is on the way", () => {
    it("names none, also of what is not there", () => {
      expect(linksOn(dir.write("a/f", ""))).toEqual([]);
      expect(linksOn(dir.at("missing/f"))).toEqual([]);
    });
  });

  describe("when links are on the way", () => {
    it("names each where it lies, and where they lead", () => {
      dir.write("real/d/f", "");
      symlinkSync("real", dir.at("one"));
      symlinkSync("d", dir.at("real/two"));
      symlinkSync(dir.at("one/two/f"), dir.at("link"));
      expect(linksOn(dir.at("link"))).toEqual([
        dir.at("link"),
        dir.at("one"),
        dir.at("real/two"),
        dir.at("real/d/f"),
      ]);
    });

    it("goes up from where a linked directory leads", () => {
      dir.write("far/f", "");
      dir.mkdir("far/deep");
      dir.mkdir("near");
      symlinkSync(dir.at("far/deep"), dir.at("near/linked"));
      symlinkSync("./linked/../f", dir.at("near/link"));
      expect(linksOn(dir.at("near/link"))).toEqual([
        dir.at("near/link"),
        dir.at("near/linked"),
        dir.at("far/f"),
      ]);
    });
  });

  describe("when a link dangles", () => {
    it("names it and the place that is not there", () => {
      symlinkSync("missing/f", dir.at("link"));
      expect(linksOn(dir.at("link"))).toEqual([dir.at("link"), dir.at("missing/f")]);
    });
  });

  describe("when links lead in a circle", () => {
    it("ends", () => {
      symlinkSync("b", dir.at("a"));
      symlinkSync("a", dir.at("b"));
      const links = linksOn(dir.at("a"));
      expect(new Set(links)).toEqual(new Set([dir.at("a"), dir.at("b")]));
      expect(links.length).toBeLessThanOrEqual(32);
    });
  });
});

describe("withAbove", () => {
  it("names what is above each place but the root, from the top down, and each once", () => {
    expect(withAbove(["/a/link", "/a/b/c"])).toEqual(["/a", "/a/link", "/a/b", "/a/b/c"]);
    expect(withAbove([])).toEqual([]);
  });

  it("ends however many levels a link names", () => {
    expect(withAbove(["/x".repeat(2000)])).toHaveLength(65);
  });
});
