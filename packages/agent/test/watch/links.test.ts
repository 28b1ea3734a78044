import { describe, expect, it } from "vitest";
import { createLinks } from "../../src/watch/links.ts";

describe("createLinks", () => {
  describe("when a path leads through hops", () => {
    it("is found from each of them, and they are what must be watched", () => {
      const links = createLinks();
      links.set("/link", ["/a", "/b"]);
      expect([...links.hops]).toEqual(["/a", "/b"]);
      expect(links.through("/a")).toEqual(["/link"]);
      links.set("/link", ["/b", "/c"]);
      expect([...links.hops]).toEqual(["/b", "/c"]);
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
      links.set("/plain", []);
      expect([...links.hops]).toEqual([]);
      expect(links.through("/plain")).toEqual([]);
    });
  });
});
