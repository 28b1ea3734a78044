import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSearch } from "../../src/projects/search.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(takesMs = 0) {
  let clock = 0;
  const counts = { looks: 0, failed: 0 };
  const search = createSearch(500, {
    monotonic: () => clock,
    async look() {
      counts.looks += 1;
      clock += takesMs;
      if (takesMs < 0) throw new Error("unreadable");
    },
    onFailed: () => void (counts.failed += 1),
  });
  const pass = async (ms: number) => {
    clock += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { search, counts, pass };
}

describe("createSearch", () => {
  it("makes one search of what is asked for together", async () => {
    const { search, counts, pass } = start();
    search.soon();
    search.soon();
    await pass(500);
    await pass(500);
    expect(counts.looks).toBe(1);
  });

  it("lets one that took long rest nine times as long", async () => {
    const { search, counts, pass } = start(1000);
    search.soon();
    await pass(500);
    search.soon();
    await pass(8000);
    expect(counts.looks).toBe(1);
    await pass(2000);
    expect(counts.looks).toBe(2);
  });

  it("makes no two at a time, and another for what is asked for meanwhile", async () => {
    const ends: (() => void)[] = [];
    const search = createSearch(500, {
      monotonic: () => 0,
      look: () => new Promise<void>((end) => ends.push(end)),
      onFailed: () => undefined,
    });
    search.soon();
    await vi.advanceTimersByTimeAsync(500);
    search.soon();
    await vi.advanceTimersByTimeAsync(5000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(500);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await vi.advanceTimersByTimeAsync(5000);
    expect(ends).toHaveLength(2);
  });

  it("tells a failure, and goes on", async () => {
    const { search, counts, pass } = start(-1);
    search.soon();
    await pass(500);
    search.soon();
    await pass(500);
    expect(counts).toEqual({ looks: 2, failed: 2 });
  });

  it("does nothing once it is closed", async () => {
    const { search, counts, pass } = start();
    search.soon();
    search.close();
    search.soon();
    await pass(1000);
    expect(counts.looks).toBe(0);
  });
});
