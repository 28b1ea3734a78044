import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeAtomically } from "../src/atomic.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("writeAtomically", () => {
  it("leaves the new contents, the mode that was asked for, and nothing else", async () => {
    writeFileSync(dir.at("x"), "old");
    await writeAtomically(dir.at("x"), "new", { mode: 0o600, durable: true });
    expect(readFileSync(dir.at("x"), "utf8")).toBe("new");
    expect(statSync(dir.at("x")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir.path)).toEqual(["x"]);
  });

  it("is not led elsewhere by links that stand in the way", async () => {
    dir.write("victim", "mine");
    symlinkSync(dir.at("victim"), dir.at("x"));
    symlinkSync(dir.at("victim"), dir.at(".x.tmp"));
    await writeAtomically(dir.at("x"), "new");
    expect(readFileSync(dir.at("victim"), "utf8")).toBe("mine");
    expect(readFileSync(dir.at("x"), "utf8")).toBe("new");
  });

  it("goes over what an interrupted write left", async () => {
    dir.write(".x.tmp", "half");
    await writeAtomically(dir.at("x"), "new");
    expect(readdirSync(dir.path)).toEqual(["x"]);
  });
});
