import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Root } from "@sigil/core";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { root } from "../build.ts";
import { closeTrackers, startTracker } from "./tracking.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await closeTrackers();
  dir.remove();
});

/** Another link in a link's place, in one step. */
function swap(link: string, to: string): void {
  fs.symlinkSync(to, dir.at("next"));
  fs.renameSync(dir.at("next"), dir.at(link));
}

describe("a link on the way to where a root begins", () => {
  beforeEach(() => {
    for (const version of ["v1", "v2"]) {
      dir.write(`dot/${version}/settings.json`, version);
      dir.write(`dot/${version}/hooks/a.sh`, version);
    }
    fs.symlinkSync("v1", dir.at("dot/cur"));
    dir.mkdir("home");
    fs.symlinkSync("../dot/cur", dir.at("home/.claude"));
  });

  it.each<[string, () => Root, string]>([
    ["one file", () => root({ base: dir.at("home/.claude/settings.json") }), "settings.json"],
    ["a directory", () => root({ base: dir.at("home/.claude/hooks"), recursive: true }), "hooks"],
  ])("is not forgotten when %s is looked at and is no link itself", async (_what, of, name) => {
    const { tracker, hints } = await startTracker([of()]);
    const path = dir.at(`home/.claude/${name}`);
    for (const version of ["v2", "v1", "v2", "v1"]) {
      // What each look says of it.
      tracker.setHops(path, []);
      hints.length = 0;
      swap("dot/cur", `../dot/${version}`);
      await eventually(() => expect(hints).toContain(path));
    }
  });

  it("is watched though it came with a swap that changed nothing else", async () => {
    fs.symlinkSync("v1", dir.at("dot/alias"));
    const file = root({ base: dir.at("home/.claude/settings.json") });
    const scripts = root({ base: dir.at("home/.claude/hooks"), pattern: "*.sh" });
    const { hints } = await startTracker([scripts, file]);
    swap("dot/cur", "alias");
    await eventually(() => expect(hints).toContain(file.base));
    swap("dot/alias", "v2");
    await eventually(() => expect(hints).toContain(dir.at("home/.claude/hooks/a.sh")));
  });
});

describe("a link that leads on inside a root", () => {
  it("is watched at each link between, though no target means the link itself", async () => {
    for (const version of ["v1", "v2"]) dir.write(`dot/${version}/a.json`, version);
    fs.symlinkSync("v1", dir.at("dot/cur"));
    dir.mkdir("home/base");
    fs.symlinkSync("../../dot/cur", dir.at("home/base/one"));
    const { hints } = await startTracker([
      root({ base: dir.at("home/base"), pattern: "*/*.json" }),
    ]);
    hints.length = 0;
    swap("dot/cur", "v2");
    await eventually(() => expect(hints).toContain(dir.at("home/base/one/a.json")));
  });
});
