import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { resolveConfig } from "../../src/config.ts";
import { inspectPlaces, planHere, type Place, type PlaceLimits } from "../../src/doctor/places.ts";
import { combine } from "../../src/policy/effective.ts";
import { parsePolicy } from "../../src/policy/load.ts";

let dir: TempDir;
beforeEach(() => void (dir = tempDir()));
afterEach(() => dir.remove());

const ROOMY: PlaceLimits = { perRoot: 1000, total: 1000 };

/** What is found of one target with these paths. */
async function look(
  paths: readonly string[],
  limits: PlaceLimits = ROOMY,
  more = "",
): Promise<Place[]> {
  const target = `targets:\n  - id: mine\n    tier: standard\n    paths: ${JSON.stringify(paths)}\n`;
  const { policy } = combine(parsePolicy(`version: 1\n${target}${more}`, "p"), "p");
  const config = resolveConfig({ mode: "user" }, { HOME: dir.path });
  const plan = await planHere(config, policy);
  const own = { ...plan, roots: plan.roots.filter((root) => root.targetId === "mine") };
  return inspectPlaces(own, policy, limits);
}

describe("inspectPlaces", () => {
  it("tells files from what is absent", async () => {
    dir.write("here", "x");
    expect(await look(["~/here", "~/there", "~/here/below"])).toMatchObject([
      { state: "present", matches: 1, directories: 0, watched: "directories" },
      { state: "absent", matches: 0 },
      { state: "absent", matches: 0 },
    ]);
  });

  it("counts what a pattern means, and the directories to watch", async () => {
    dir.write("tree/a/x.json", "");
    dir.write("tree/a/b/y.json", "");
    dir.write("tree/a/b/z.txt", "");
    expect(await look(["~/tree/**/*.json", "~/tree/*.json"])).toMatchObject([
      { state: "present", matches: 2, directories: 3, complete: true, watched: "tree" },
      { state: "absent", matches: 0, watched: "directories" },
    ]);
  });

  it("counts a link as there, also one that leads nowhere", async () => {
    symlinkSync("/nowhere", dir.at("dangling"));
    expect(await look(["~/dangling"])).toMatchObject([{ state: "present", unreadable: [] }]);
  });

  it("counts an empty directory that is the target itself as there", async () => {
    dir.mkdir("empty");
    expect(await look(["~/empty", "~/empty/**"])).toMatchObject([
      { state: "present", matches: 0 },
      { state: "absent", matches: 0 },
    ]);
  });

  it("stops at its limits and says so", async () => {
    for (let at = 0; at < 30; at += 1) dir.write(`many/${at}`, "");
    expect(await look(["~/many/*"], { perRoot: 10, total: 1000 })).toMatchObject([
      { state: "present", complete: false },
    ]);
    expect(await look(["~/many/*", "~/many/1*"], { perRoot: 1000, total: 30 })).toMatchObject([
      { state: "present", matches: 30 },
      { state: "unknown", matches: 0, complete: false },
    ]);
  });

  it("knows when the policy wants polling", async () => {
    dir.write("x", "");
    expect(await look(["~/x"], ROOMY, "settings: {watch: {poll: true}}\n")).toMatchObject([
      { watched: "polling" },
    ]);
  });
});
