import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createGrowth } from "../../src/watch/growth.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(roundMs: number) {
  const rounds: (readonly string[])[] = [];
  let atOnce = 0;
  let most = 0;
  const growth = createGrowth(50, {
    monotonic: () => performance.now(),
    async grow(fresh) {
      rounds.push(fresh);
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setTimeout(resolve, roundMs));
      atOnce -= 1;
    },
  });
  return { growth, rounds, most: () => most };
}

describe("directories that come in a burst", () => {
  it("are looked into together, those above others first", async () => {
    const { growth, rounds } = start(10);
    for (const path of ["/t/a/b", "/t/a", "/t/a"]) growth.add(path);
    await vi.advanceTimersByTimeAsync(100);
    expect(rounds).toEqual([["/t/a", "/t/a/b"]]);
  });
});

describe("a tree that grows without end", () => {
  it("has one round at a time, and rests after each as long as it took", async () => {
    const { growth, rounds, most } = start(1000);
    let made = 0;
    const growing = setInterval(() => growth.add(`/t/${(made += 1)}`), 10);
    await vi.advanceTimersByTimeAsync(10_000);
    clearInterval(growing);
    expect(most()).toBe(1);
    expect(rounds).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(5000);
    expect(rounds.flat()).toHaveLength(made);
    growth.close();
  });
});

describe("when it is closed", () => {
  it("begins no round any more", async () => {
    const { growth, rounds } = start(10);
    growth.add("/t/a");
    growth.close();
    growth.add("/t/b");
    await vi.advanceTimersByTimeAsync(1000);
    expect(rounds).toEqual([]);
  });
});
