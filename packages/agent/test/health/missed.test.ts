import { describe, expect, it } from "vitest";
import { createMissed } from "../../src/health/missed.ts";

describe("createMissed", () => {
  it("counts what a sweep found changed and no watcher told of", () => {
    const missed = createMissed();
    missed.suspect("/a");
    missed.suspect("/b");
    missed.confirm("/a");
    expect(missed.take()).toBe(1);
    expect(missed.take()).toBe(0);
  });

  it("does not count a change whose hint came late", () => {
    const missed = createMissed();
    missed.suspect("/a");
    missed.confirm("/a");
    missed.hinted("/a");
    expect(missed.take()).toBe(0);
  });

  it("does not count a change that this sweep did not find", () => {
    const missed = createMissed();
    missed.confirm("/a");
    expect(missed.take()).toBe(0);
  });
});
