import { targetSchema } from "@sigil/core";
import { describe, expect, it } from "vitest";
import { fillTarget } from "../src/fill.ts";

describe("fillTarget", () => {
  describe("when a target has only what it must have", () => {
    it("fills in what the schema would", () => {
      const bare = { id: "a", tier: "critical" as const, paths: ["/a"] };
      expect(fillTarget(bare)).toEqual(targetSchema.parse(bare));
    });
  });

  describe("when a target sets everything", () => {
    it("changes nothing", () => {
      const full = {
        id: "a",
        description: "A.",
        tier: "standard" as const,
        platform: "macos" as const,
        paths: ["/a"],
        exclude: ["b"],
        recursive: true,
        follow_symlinks: false,
        disabled: true,
      };
      expect(fillTarget(full)).toEqual(full);
    });
  });

  it("shares no list between two targets", () => {
    const bare = { id: "a", tier: "critical" as const, paths: ["/a"] };
    expect(fillTarget(bare).exclude).not.toBe(fillTarget(bare).exclude);
  });
});
