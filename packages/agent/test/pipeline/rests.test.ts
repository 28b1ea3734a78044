import { describe, expect, it } from "vitest";
import { createRests } from "../../src/pipeline/rests.ts";

function start() {
  const clock = { now: 0 };
  return { clock, rests: createRests(10, 60_000, () => clock.now) };
}

describe("createRests", () => {
  it("leaves a file alone nine times as long as it took to read, at a tenth of the time", () => {
    const { clock, rests } = start();
    expect(rests.left("/a")).toBe(0);
    rests.took("/a", 100);
    expect(rests.left("/a")).toBe(900);
    expect(rests.left("/b")).toBe(0);
    clock.now = 900;
    expect(rests.left("/a")).toBe(0);
  });

  it("never for longer than a folded path may wait", () => {
    const { rests } = start();
    rests.took("/a", 3_600_000);
    expect(rests.left("/a")).toBe(60_000);
  });

  it("goes on resting whatever number of other files comes after it", () => {
    const { rests } = start();
    rests.took("/a", 100);
    for (let index = 0; index < 5000; index += 1) rests.took(`/${index}`, 1);
    expect(rests.left("/a")).toBe(900);
  });
});
