import { describe, expect, it } from "vitest";
import { createLinks } from "../../src/watch/links.ts";

describe("createLinks", () => {
  describe("when a path leads through hops", () => {
    it("is found from each of them, and says which are new", () => {
      const links = createLinks();
      expect(links.set("/link", ["/a", "/b"])).toEqual(["/a", "/b"]);
      expect(links.through("/a")).toEqual(["/link"]);
      expect(links.set("/link", ["/b", "/c"])).toEqual(["/c"]);
      expect(links.through("/a")).toEqual([]);
      expect(links.through("/c")).toEqual(["/link"]);
    });
  });

  describe("when several paths lead through one hop", () => {
    it("finds them all, and keeps one when the other goes", () => {
      const links = createLinks();
      links.set("/one", ["/real"]);
      links.set("/two", ["/real"]);
      expect(links.through("/real")).toEqual(["/one", "/two"]);
      links.set("/one", []);
      expect(links.through("/real")).toEqual(["/two"]);
    });
  });

  describe("when a path leads through none", () => {
    it("is not remembered", () => {
      const links = createLinks();
      expect(links.set("/plain", [])).toEqual([]);
      expect(links.through("/plain")).toEqual([]);
    });
  });
});
