import { createMatcher } from "@sigil/core/plain";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { keepApart } from "../../src/fs/apart.ts";
import type { Plan } from "../../src/policy/plan.ts";
import { createHints, type Hints } from "../../src/watch/hints.ts";

const matcher = createMatcher([], "linux");
let told: string[];
let hints: Hints;

beforeEach(() => {
  told = [];
  hints = createHints({
    plan: () => ({ matcher }) as Plan,
    hinted: (path) => told.push(`hinted ${path}`),
    projectsMayHaveChanged: () => told.push("projects"),
    accept: (path, source) => told.push(`${source} ${path}`),
  });
});

describe("createHints", () => {
  it("keeps what is hinted before the watchers are set, each path once", () => {
    hints.take("/a", "watch");
    hints.take("/a", "watch");
    expect(told).toEqual([]);
    hints.begin();
    expect(told).toEqual(["hinted /a", "watch /a"]);
    hints.take("/b", "sweep");
    expect(told.slice(2)).toEqual(["hinted /b", "sweep /b"]);
  });

  it("looks for projects when a record of them changes", () => {
    hints.begin();
    hints.take("/home/x/.claude.json", "watch");
    expect(told).toContain("projects");
  });

  it("does not look at what the agent writes itself", () => {
    keepApart(["/nowhere/own"]);
    onTestFinished(() => keepApart([]));
    hints.begin();
    hints.take("/nowhere/own/state.db", "watch");
    expect(told).toEqual(["hinted /nowhere/own/state.db"]);
  });
});
