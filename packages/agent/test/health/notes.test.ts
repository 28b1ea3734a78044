import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createNotes } from "../../src/health/notes.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("createNotes", () => {
  function start() {
    const told: string[] = [];
    const notes = createNotes(1000, (name, count) => void told.push(`${name} ${count}`));
    return { notes, told };
  }

  describe("when a name comes often", () => {
    it("is told at once, and then once a period with its count", () => {
      const { notes, told } = start();
      for (let time = 0; time < 5; time += 1) notes.count("a");
      notes.count("b");
      expect(told).toEqual(["a 1", "b 1"]);
      vi.advanceTimersByTime(1000);
      expect(told.slice(2)).toEqual(["a 4"]);
      notes.count("a");
      notes.count("b");
      expect(told.slice(3)).toEqual(["b 1"]);
      vi.advanceTimersByTime(1000);
      expect(told.slice(4)).toEqual(["a 1"]);
    });
  });

  describe("when it is closed", () => {
    it("leaves no timer", () => {
      start().notes.close();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
