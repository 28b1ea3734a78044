import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventWriter } from "../../src/events.ts";
import { createRateNotes } from "../../src/health/rates.ts";
import { planOf, root } from "../build.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start() {
  const told: unknown[] = [];
  const writer = { health: (evidence: unknown, at: unknown) => told.push([evidence, at]) };
  const plan = planOf([root({ base: "/s", recursive: true, tier: "standard" })]);
  return { told, notes: createRateNotes(writer as unknown as EventWriter, () => plan) };
}

describe("createRateNotes", () => {
  describe("when a path is held back often", () => {
    it("is told at once, and then once a minute with how often", () => {
      const { told, notes } = start();
      for (let time = 0; time < 4; time += 1) notes.count("path", "/s/a", 120);
      const evidence = { kind: "rate_limit_exceeded", limit: "path", per_minute: 120 };
      const at = { path: "/s/a", targetId: "t" };
      expect(told).toEqual([[{ ...evidence, folded: 1 }, at]]);
      vi.advanceTimersByTime(60_000);
      expect(told[1]).toEqual([{ ...evidence, folded: 3 }, at]);
      notes.close();
    });
  });

  describe("when a target is held back", () => {
    it("is one note for all its paths, about its base", () => {
      const { told, notes } = start();
      for (const name of ["a", "b", "c"]) notes.count("target", `/s/${name}`, 6000);
      expect(told).toEqual([
        [
          { kind: "rate_limit_exceeded", limit: "target", per_minute: 6000, folded: 1 },
          { path: "/s", targetId: "t" },
        ],
      ]);
      notes.close();
    });
  });

  describe("when somebody makes ever new names", () => {
    it("holds a bounded number of them, and forgets what is quiet", () => {
      const { told, notes } = start();
      for (let name = 0; name < 5000; name += 1) notes.count("path", `/s/${name}`, 120);
      expect(told.length).toBe(1001);
      vi.advanceTimersByTime(60_000);
      expect(told.length).toBe(1002);
      expect(told.at(-1)).toEqual([expect.objectContaining({ folded: 3999 }), expect.anything()]);
      vi.advanceTimersByTime(120_000);
      told.length = 0;
      for (let name = 0; name < 5000; name += 1) notes.count("path", `/s/new-${name}`, 120);
      expect(told.length).toBe(1001);
      notes.close();
    });
  });
});
