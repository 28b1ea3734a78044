import { describe, expect, it } from "vitest";
import { createMissed } from "../../src/health/missed.ts";

const start = () => createMissed(0, () => Promise.resolve());

describe("createMissed", () => {
  it("counts what was found changed and no watcher told of", async () => {
    const missed = start();
    missed.suspect("/a");
    missed.suspect("/b");
    missed.confirm("/a");
    expect(await missed.judge()).toBe(1);
    expect(await missed.judge()).toBe(0);
  });

  it("does not count a change whose hint came late", async () => {
    const missed = start();
    missed.suspect("/a");
    missed.confirm("/a");
    const judged = missed.judge();
    missed.hinted("/a");
    expect(await judged).toBe(0);
  });

  it("does not count a change that came to light otherwise", async () => {
    const missed = start();
    missed.confirm("/a");
    expect(await missed.judge()).toBe(0);
  });
});
