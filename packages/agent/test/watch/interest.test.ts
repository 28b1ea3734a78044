import { describe, expect, it } from "vitest";
import { createInterest } from "../../src/watch/interest.ts";
import { root } from "../build.ts";

const one = root({ base: "/home/u/.claude/hooks" });
const two = root({ base: "/home/u/.claude", targetId: "two" });
const interest = createInterest([one, two]);

describe("createInterest", () => {
  describe("when a path is a base or on the way to one", () => {
    it("has it, with the roots it leads to", () => {
      expect(interest.has("/home/u/.claude/hooks")).toBe(true);
      expect(interest.rootsAt("/home/u/.claude/hooks")).toEqual([one]);
      expect(interest.rootsAt("/home/u")).toEqual([one, two]);
      expect(interest.rootsAt("/")).toEqual([one, two]);
    });
  });

  describe("when a path is elsewhere, or below a base", () => {
    it("does not have it", () => {
      for (const path of ["/home/v", "/home/u/.claude/hooks/x", "/home/u/.claud"]) {
        expect(interest.has(path)).toBe(false);
        expect(interest.rootsAt(path)).toEqual([]);
      }
    });
  });

  describe("when ancestors are asked for", () => {
    it("names each once, from the top down", () => {
      expect(interest.ancestors).toEqual(["/", "/home", "/home/u", "/home/u/.claude"]);
    });

    it("names those first that a user's own guard files need", () => {
      const project = root({ base: "/a/.claude", project: "/a", targetId: "project" });
      const standard = root({ base: "/home/u/.x/y", tier: "standard", targetId: "standard" });
      expect(createInterest([project, standard, two]).ancestors).toEqual([
        "/",
        "/home",
        "/home/u",
        "/home/u/.x",
        "/a",
      ]);
    });
  });
});
