import { DEFAULT_SETTINGS } from "@sigil/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createUntold } from "../../src/health/untold.ts";

function start(polling = false) {
  const looked: string[] = [];
  const missed: number[] = [];

  const untold = createUntold(DEFAULT_SETTINGS, {
    after: (path) => (path === null ? [{ path: "/stored", size: 1 }] : []),
    look: (path) => looked.push(path),
    recheck: (path) => looked.push(`again ${path}`),
    compared: () => Promise.resolve(),
    polling: () => polling,
    onMissed: (count) => missed.push(count),
    onFailed: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => untold.close());
  return { untold, looked, missed };
}

describe("createUntold", () => {
  it("expects nothing of the sweeps that no doubt led to", () => {
    const { untold } = start();
    expect(untold.shouldFindNothing("interval")).toBe(true);
    expect(untold.shouldFindNothing("poll")).toBe(true);
    expect(untold.shouldFindNothing("doubt")).toBe(false);
    expect(start(true).untold.shouldFindNothing("poll")).toBe(false);
  });

  it("counts what a sweep of the interval, or reading again, found changed without a hint", async () => {
    const { untold, looked, missed } = start();
    untold.suspect("/quiet");
    untold.suspect("/told");
    for (const path of ["/quiet", "/told", "/unsuspected"]) untold.confirm(path);
    untold.swept("interval");
    untold.hinted("/told");
    untold.confirm("/stored");
    await vi.waitFor(() => expect(missed).toEqual([2]), 10_000);
    expect(looked).toEqual(["/quiet", "/told", "again /stored"]);
  });
});
