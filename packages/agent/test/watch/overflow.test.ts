import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOverflow } from "../../src/watch/overflow.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const said: string[] = [];
  const overflow = createOverflow(1000, {
    begin: () => void said.push("begin"),
    again: () => void said.push("again"),
    end: (left) => void said.push(`end ${left}`),
  });
  return { overflow, said };
}

describe("createOverflow", () => {
  it("tells the beginning and the end once, and of each hint between that a sweep must follow", () => {
    const { overflow, said } = start();
    for (let hint = 0; hint < 3; hint += 1) {
      overflow.add();
      vi.advanceTimersByTime(900);
    }
    expect(said).toEqual(["begin", "again", "again"]);
    vi.advanceTimersByTime(2000);
    expect(said.slice(3)).toEqual(["end 3"]);
  });

  it("begins anew after it has ended", () => {
    const { overflow, said } = start();
    overflow.add();
    vi.advanceTimersByTime(2000);
    overflow.add();
    expect(said).toEqual(["begin", "end 1", "begin"]);
  });

  it("says nothing after it was closed", () => {
    const { overflow, said } = start();
    overflow.add();
    overflow.close();
    vi.advanceTimersByTime(5000);
    expect(said).toEqual(["begin"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
