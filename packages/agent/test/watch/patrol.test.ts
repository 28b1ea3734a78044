import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Snapshot } from "@sigil/core";
import { loadHasher } from "@sigil/ports/hash";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { observe } from "../../src/pipeline/observe.ts";
import { isOther, startPatrol, type Patrol } from "../../src/watch/patrol.ts";

let dir: TempDir;
const open: Patrol[] = [];
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  for (const patrol of open.splice(0)) patrol.close();
  dir.remove();
});

const LIMITS = { maxBytes: 1 << 20, inlineMaxBytes: 1 << 20, attempts: 2, linkOwners: null };

function snapshotOf(path: string): Snapshot {
  const seen = observe(path, { follow: true, hasher: loadHasher("wasm"), ...LIMITS });
  if (seen.kind !== "present") throw new Error(`${path} is ${seen.kind}`);
  return seen.snapshot;
}

describe("isOther", () => {
  it("is false of a file, a link and a dangling link that nobody touched", () => {
    const file = dir.write("file", "1");
    fs.symlinkSync("file", dir.at("link"));
    fs.symlinkSync("nowhere", dir.at("dangling"));
    for (const path of [file, dir.at("link"), dir.at("dangling")])
      expect(isOther(path, snapshotOf(path)), path).toBe(false);
  });

  it("is true of one that was written through another name, replaced, or is gone", () => {
    const [written, replaced, gone] = ["written", "replaced", "gone"].map((name) =>
      dir.write(name, "1"),
    ) as [string, string, string];
    const before = [written, replaced, gone].map((path) => [path, snapshotOf(path)] as const);
    fs.linkSync(written, dir.at("second"));
    fs.appendFileSync(dir.at("second"), "2");
    fs.renameSync(dir.write("other", "1"), replaced);
    fs.rmSync(gone);
    for (const [path, snapshot] of before) expect(isOther(path, snapshot), path).toBe(true);
  });

  it("is true of a link whose file changed", () => {
    const file = dir.write("file", "1");
    fs.symlinkSync("file", dir.at("link"));
    const before = snapshotOf(dir.at("link"));
    fs.appendFileSync(file, "2");
    expect(isOther(dir.at("link"), before)).toBe(true);
  });
});

describe("startPatrol", () => {
  it("takes no more entries in one go than its bound, and goes on where it was", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const state = { snapshot: snapshotOf(dir.write("f", "1")), generation: 1, touchedAt: 0 };
    const full = Array.from({ length: 256 }, () => ({ path: dir.at("f"), state }));
    const directories = Array.from({ length: 20 }, (_, index) => `/d${index}`);
    const asked: string[] = [];
    const patrol = startPatrol(5, {
      watched: () => directories,
      check: () => undefined,
      stored: (directory) => {
        asked.push(directory);
        return full;
      },
      differs: () => undefined,
    });
    open.push(patrol);
    vi.advanceTimersByTime(5);
    expect(asked).toHaveLength(8);
    vi.advanceTimersByTime(10);
    expect(asked).toEqual(directories);
  });

  it("goes by every watched directory and hints what differs, and nothing else", async () => {
    const same = dir.write("a/same", "1");
    const other = dir.write("b/other", "1");
    const state = (path: string) => ({
      path,
      state: { snapshot: snapshotOf(path), generation: 1, touchedAt: 0 },
    });
    const stored = new Map([
      [dir.at("a"), [state(same)]],
      [dir.at("b"), [state(other)]],
    ]);
    fs.appendFileSync(other, "2");
    const checked: string[] = [];
    const differing: string[] = [];
    const patrol = startPatrol(5, {
      watched: () => [...stored.keys()],
      check: (directory) => void checked.push(directory),
      stored: (directory) => stored.get(directory) ?? [],
      differs: (path) => void differing.push(path),
    });
    open.push(patrol);
    await eventually(() => differing.length > 1);
    expect(new Set(checked)).toEqual(new Set(stored.keys()));
    expect(new Set(differing)).toEqual(new Set([other]));
  });
});
