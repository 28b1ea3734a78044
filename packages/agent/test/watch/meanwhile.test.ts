import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PathKey } from "@sigil/core";
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

const guard = () => root({ base: dir.at("l1/l2/l3/guard"), recursive: true });
const notes = () => root({ base: dir.at("l1/l2/l3/notes"), recursive: true });

/** Waits until the hints tell of a file, and of each change of it from then on. */
async function told(hints: PathKey[], file: PathKey): Promise<void> {
  await eventually(() => expect(hints).toContain(file));
  hints.length = 0;
  fs.writeFileSync(file, "edited");
  await eventually(() => expect(hints).toContain(file));
}

describe("directories made while those above them are looked at", () => {
  it("are watched and hinted, though the next root found them first", async () => {
    let file = "";
    const { hints } = await startTracker([guard(), notes()], {
      during: (path) => {
        if (path === guard().base && file === "") file = dir.write("l1/l2/l3/guard/in/a", "1");
      },
    });
    dir.mkdir("l1");
    await eventually(() => expect(file).not.toBe(""));
    await told(hints, file);
  });

  it("are watched and hinted for a tree, though the root around it found them first", async () => {
    const around = root({ base: dir.at("x"), pattern: "*/*.sh" });
    const tree = root({ base: dir.at("x/a/c"), tier: "standard", recursive: true });
    let file = "";
    const { hints } = await startTracker([tree, around], {
      during: (path) => {
        if (path === tree.base && file === "") file = dir.write("x/a/c/in/note", "1");
      },
    });
    dir.mkdir("x");
    await eventually(() => expect(file).not.toBe(""));
    await told(hints, file);
  });

  it("are watched and hinted, though projects were looked for in one of them first", async () => {
    const { hints, tracker } = await startTracker([guard()]);
    dir.mkdir("l1");
    await eventually(() => expect(hints).toContain(guard().base));
    const file = dir.write("l1/l2/l3/guard/in/a", "1");
    tracker.setLooked([dir.at("l1/l2")]);
    await told(hints, file);
  });

  it("are watched and hinted, though a link led into one of them first", async () => {
    const other = root({ base: dir.at("other"), recursive: true });
    const link = dir.at("other/link");
    const { hints, tracker } = await startTracker([guard(), other]);
    dir.mkdir("l1");
    dir.mkdir("other");
    await eventually(() => expect(hints).toContain(guard().base));
    const file = dir.write("l1/l2/l3/guard/in/a", "1");
    const linked = dir.write("l1/l2/l3/guard/in/b", "1");
    fs.symlinkSync(linked, link);
    tracker.setHops(link, [linked]);
    await told(hints, file);
  });
});

describe("a directory below a watched one that a link led into before its own event", () => {
  it("is hinted with all that is in it", async () => {
    const other = root({ base: dir.at("other"), recursive: true });
    dir.mkdir("l1/l2/l3/guard");
    dir.mkdir("other");
    const { hints, tracker } = await startTracker([guard(), other]);
    const file = dir.write("l1/l2/l3/guard/in/a", "1");
    const linked = dir.write("l1/l2/l3/guard/in/deep/b", "1");
    const link = dir.at("other/link");
    fs.symlinkSync(linked, link);
    tracker.setHops(link, [linked]);
    await told(hints, file);
  });
});

describe("a directory inside a root that leads to another root", () => {
  it("is watched from the start with all that is below it", async () => {
    const outer = root({ base: dir.at("x"), recursive: true });
    const inner = root({ base: dir.at("x/a/c"), recursive: true });
    const file = dir.write("x/a/d/f", "1");
    const { hints } = await startTracker([outer, inner]);
    fs.writeFileSync(file, "2");
    await eventually(() => expect(hints).toContain(file));
  });

  it("is watched again after a doubt with all that is below it, where links lead through it", async () => {
    const outer = root({ base: dir.at("x"), recursive: true });
    const file = dir.write("x/a/d/f", "1");
    const linked = dir.write("x/a/g", "1");
    const link = dir.at("x/link");
    fs.symlinkSync(linked, link);
    const { hints, tracker } = await startTracker([outer]);
    tracker.setHops(link, [linked]);
    await tracker.renew();
    hints.length = 0;
    fs.writeFileSync(file, "2");
    await eventually(() => expect(hints).toContain(file));
  });
});
