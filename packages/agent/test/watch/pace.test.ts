import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPace, type Part } from "../../src/watch/pace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(percent = 10) {
  const again: Part[] = [];
  const pace = createPace(
    percent,
    () => performance.now(),
    (part) => void again.push(part),
  );
  return { pace, again };
}

describe("createPace", () => {
  it("lets the first poll through, and the next when the last took a tenth of the time since", () => {
    const { pace } = start();
    expect(pace.allows("standard")).toBe(true);
    pace.took("standard", 1000);
    vi.advanceTimersByTime(8999);
    expect(pace.allows("standard")).toBe(false);
    vi.advanceTimersByTime(1);
    expect(pace.allows("standard")).toBe(true);
  });

  it("makes a poll that came too early up, once", () => {
    const { pace, again } = start();
    pace.took("standard", 1000);
    pace.allows("standard");
    pace.allows("standard");
    vi.advanceTimersByTime(9000);
    expect(again).toEqual(["standard"]);
  });

  it("does not let critical targets wait for what the others took", () => {
    const { pace } = start();
    pace.took("all", 60_000);
    expect(pace.allows("critical")).toBe(true);
    expect(pace.allows("standard")).toBe(false);
  });

  it("asks for nothing after it was closed", () => {
    const { pace, again } = start();
    pace.took("critical", 1000);
    pace.allows("critical");
    pace.close();
    vi.advanceTimersByTime(60_000);
    expect(again).toEqual([]);
  });
});
