import { describe, expect, it } from "vitest";
import type { SettledPath } from "@sigil/core/plain";
import { createPathQueue } from "../../src/pipeline/queue.ts";

function settled(path: string, given: Partial<SettledPath> = {}): SettledPath {
  return { path, tier: "standard", found: false, hints: 1, bursts: 1, since: 5, ...given };
}

/** The first name of a path is its target. */
const targetOf = (path: string) => path.split("/")[1] ?? "";

function critical(...paths: readonly string[]): SettledPath[] {
  return paths.map((path) => settled(path, { tier: "critical" }));
}

describe("createPathQueue", () => {
  describe("when one critical target is flooded", () => {
    it("lets the targets take turns, each in its order", () => {
      const queue = createPathQueue(targetOf);
      for (const path of critical("/a/1", "/a/2", "/a/3", "/a/4", "/b/1", "/b/2")) queue.add(path);
      expect(queue.take(3).map(({ path }) => path)).toEqual(["/a/1", "/b/1", "/a/2"]);
      for (const path of critical("/c/1", "/a/5")) queue.add(path);
      expect(queue.take(2).map(({ path }) => path)).toEqual(["/b/2", "/a/3"]);
      expect(queue.size).toBe(3);
      expect(queue.take(2).map(({ path }) => path)).toEqual(["/c/1", "/a/4"]);
      expect(queue.take(2).map(({ path }) => path)).toEqual(["/a/5"]);
    });

    it("gives every path once, with all its counts, however long the flood goes on", () => {
      const queue = createPathQueue(targetOf);
      const taken: SettledPath[] = [];
      for (let index = 0; index < 5000; index += 1) {
        for (const path of critical(`/a/${index}`, `/a/x${index}`, `/a/${index}`)) queue.add(path);
        if (index % 50 === 0) for (const path of critical(`/b/${index}`)) queue.add(path);
        if (index % 2 === 0) taken.push(...queue.take(3));
      }
      for (let next = queue.take(64); next.length > 0; next = queue.take(64)) taken.push(...next);
      expect(queue.size).toBe(0);
      expect(new Set(taken.map(({ path }) => path)).size).toBe(10_100);
      expect(taken.length).toBe(10_100);
      expect(taken.reduce((sum, { hints }) => sum + hints, 0)).toBe(15_100);
    });
  });

  describe("when both tiers wait", () => {
    it("lets critical paths go first, one tier at a time", () => {
      const queue = createPathQueue(targetOf);
      queue.add(settled("/s"));
      queue.add(settled("/c", { tier: "critical" }));
      expect(queue.take(10).map(({ path }) => path)).toEqual(["/c"]);
      expect(queue.take(10).map(({ path }) => path)).toEqual(["/s"]);
      expect(queue.take(10)).toEqual([]);
    });
  });

  describe("when a path comes twice before it is looked at", () => {
    it("is one, with the counts of both", () => {
      const queue = createPathQueue(targetOf);
      queue.add(settled("/s", { found: true, hints: 2, since: 1 }));
      queue.add(settled("/s", { hints: 3, bursts: 2, since: 9 }));
      expect(queue.size).toBe(1);
      expect(queue.take(10)).toEqual([settled("/s", { hints: 5, bursts: 3, since: 1 })]);
    });

    it("is one too when a target made it critical meanwhile", () => {
      const queue = createPathQueue(targetOf);
      queue.add(settled("/s", { hints: 2 }));
      queue.add(settled("/s", { tier: "critical" }));
      expect(queue.size).toBe(1);
      expect(queue.take(10)).toMatchObject([{ path: "/s", tier: "critical", hints: 3 }]);
    });
  });

  describe("when more wait than are asked for", () => {
    it("gives the oldest and keeps the rest", () => {
      const queue = createPathQueue(targetOf);
      for (const path of ["/1", "/2", "/3"]) queue.add(settled(path));
      expect(queue.take(2).map(({ path }) => path)).toEqual(["/1", "/2"]);
      expect(queue.size).toBe(1);
    });
  });
});
