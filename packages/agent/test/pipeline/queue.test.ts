import { describe, expect, it } from "vitest";
import type { SettledPath } from "@sigil/core/plain";
import { createPathQueue } from "../../src/pipeline/queue.ts";

function settled(path: string, given: Partial<SettledPath> = {}): SettledPath {
  return { path, tier: "standard", found: false, hints: 1, bursts: 1, since: 5, ...given };
}

describe("createPathQueue", () => {
  describe("when both tiers wait", () => {
    it("lets critical paths go first, one tier at a time", () => {
      const queue = createPathQueue();
      queue.add(settled("/s"));
      queue.add(settled("/c", { tier: "critical" }));
      expect(queue.take(10).map(({ path }) => path)).toEqual(["/c"]);
      expect(queue.take(10).map(({ path }) => path)).toEqual(["/s"]);
      expect(queue.take(10)).toEqual([]);
    });
  });

  describe("when a path comes twice before it is looked at", () => {
    it("is one, with the counts of both", () => {
      const queue = createPathQueue();
      queue.add(settled("/s", { found: true, hints: 2, since: 1 }));
      queue.add(settled("/s", { hints: 3, bursts: 2, since: 9 }));
      expect(queue.size).toBe(1);
      expect(queue.take(10)).toEqual([settled("/s", { hints: 5, bursts: 3, since: 1 })]);
    });

    it("is one too when a target made it critical meanwhile", () => {
      const queue = createPathQueue();
      queue.add(settled("/s", { hints: 2 }));
      queue.add(settled("/s", { tier: "critical" }));
      expect(queue.size).toBe(1);
      expect(queue.take(10)).toMatchObject([{ path: "/s", tier: "critical", hints: 3 }]);
    });
  });

  describe("when more wait than are asked for", () => {
    it("gives the oldest and keeps the rest", () => {
      const queue = createPathQueue();
      for (const path of ["/1", "/2", "/3"]) queue.add(settled(path));
      expect(queue.take(2).map(({ path }) => path)).toEqual(["/1", "/2"]);
      expect(queue.size).toBe(1);
    });
  });
});
