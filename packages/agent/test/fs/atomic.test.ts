import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { isTemporary, nodeSteps, writeAtomic } from "../../src/fs/atomic.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("writeAtomic", () => {
  it("replaces a file whole, for this user alone", async () => {
    const path = dir.write("kept.json", "a much longer text than the new one");
    await writeAtomic(path, Buffer.from("new"));
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir.path)).toEqual(["kept.json"]);
  });

  it("makes contents durable before they get their name, and the name after", async () => {
    const done: string[] = [];
    await writeAtomic(dir.at("kept.json"), Buffer.from("x"), {
      create: async (path, bytes) => void done.push(`create ${path} ${bytes.length}`),
      rename: async (from, to) => void done.push(`rename ${from} ${to}`),
      syncDirectory: async (path) => void done.push(`sync ${path}`),
      remove: async (path) => void done.push(`remove ${path}`),
    });
    const temporary = dir.at(".kept.json.tmp");
    expect(done).toEqual([
      `remove ${temporary}`,
      `create ${temporary} 1`,
      `rename ${temporary} ${dir.at("kept.json")}`,
      `sync ${dir.path}`,
    ]);
    expect(isTemporary(".kept.json.tmp")).toBe(true);
    expect(isTemporary("kept.json")).toBe(false);
  });

  it("writes over what a crash left behind, and through no link", async () => {
    const victim = dir.write("victim", "precious");
    symlinkSync(victim, dir.at(".kept.json.tmp"));
    await writeAtomic(dir.at("kept.json"), Buffer.from("new"));
    expect(readFileSync(victim, "utf8")).toBe("precious");
    await expect(nodeSteps.create(dir.at("kept.json"), Buffer.from("x"))).rejects.toMatchObject({
      code: "EEXIST",
    });
  });
});
