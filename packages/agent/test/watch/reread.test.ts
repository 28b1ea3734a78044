import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReread } from "../../src/watch/reread.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(count: number, limits: { files: number; bytes: number }) {
  const all = Array.from({ length: count }, (_, index) => `/f${String(index).padStart(4, "0")}`);
  const looked: string[] = [];
  let done = 0;
  const reread = createReread(limits, {
    after: (path, limit) =>
      all
        .filter((one) => path === null || one > path)
        .slice(0, limit)
        .map((one) => ({ path: one, size: 10 })),
    look: (path) => void looked.push(path),
    onDone: () => (done += 1),
  });
  const round = async () => {
    reread.begin();
    await vi.runAllTimersAsync();
    return looked.splice(0);
  };
  return { round, all, done: () => done, reread };
}

describe("createReread", () => {
  it("reads all in turn over its rounds, and then from the first again", async () => {
    const { round, all, done } = start(250, { files: 100, bytes: 1e9 });
    const rounds = [await round(), await round(), await round()];
    expect(rounds.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(rounds.flat()).toEqual(all);
    expect((await round())[0]).toBe(all[0]);
    expect(done()).toBe(4);
  });

  it("ends a round when it has read its bytes, and goes on there", async () => {
    const { round, all } = start(20, { files: 100, bytes: 75 });
    expect(await round()).toEqual(all.slice(0, 8));
    expect(await round()).toEqual(all.slice(8, 16));
  });

  it("reads nothing when it may not", async () => {
    const { round, done } = start(20, { files: 0, bytes: 75 });
    expect(await round()).toEqual([]);
    expect(done()).toBe(1);
  });

  it("runs one round at a time", () => {
    const { reread } = start(250, { files: 100, bytes: 1e9 });
    reread.begin();
    expect(reread.running).toBe(true);
    reread.begin();
    reread.close();
  });
});
