import { spawn } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { databaseLock } from "@sigil/ports/lock";

const lock = databaseLock((file, cause) => new Error(`held: ${file}`, { cause }));

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("databaseLock", () => {
  describe("when no one has it", () => {
    it("is taken, and can be taken again once released", () => {
      const first = lock.acquire(dir.path);
      first.release();
      const second = lock.acquire(dir.path);
      second.release();
    });
  });

  describe("when another has it", () => {
    it("is refused at once", () => {
      const held = lock.acquire(dir.path);
      expect(() => lock.acquire(dir.path)).toThrow("held: ");
      held.release();
    });
  });

  describe("when the process that had it was killed", () => {
    it("is free", async () => {
      const module = fileURLToPath(new URL("../src/lock.ts", import.meta.url));
      const code = `const { databaseLock } = await import(${JSON.stringify(module)});
        globalThis.held = databaseLock((file) => new Error(file)).acquire(process.argv[1]);
        console.log("held");
        setInterval(() => undefined, 1000);`;
      const child = spawn(
        process.execPath,
        ["--conditions=@sigil/source", "--input-type=module", "-e", code, dir.path],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await new Promise((resolve) => child.stdout.once("data", resolve));
      expect(() => lock.acquire(dir.path)).toThrow("held: ");
      child.kill("SIGKILL");
      const held = await eventually(() => lock.acquire(dir.path));
      held.release();
    });
  });

  describe("when the lock's file is garbage", () => {
    it("is taken all the same, once, and nothing but that file is emptied", () => {
      writeFileSync(
        dir.at("lock.db"),
        "not a database, but long enough to be looked at\n".repeat(99),
      );
      const first = lock.acquire(dir.path);
      expect(() => lock.acquire(dir.path)).toThrow("held: ");
      first.release();
    });

    it("is not taken through a link, and the file behind it stays as it was", () => {
      const theirs = dir.write("theirs", "not a database, but long enough\n".repeat(99));
      symlinkSync(theirs, dir.at("lock.db"));
      expect(() => lock.acquire(dir.path)).toThrow(/ELOOP/);
      expect(readFileSync(theirs, "utf8")).toHaveLength(32 * 99);
    });
  });

  describe("when its file cannot be opened", () => {
    it("says so with the system's code, and not that another has it", () => {
      dir.mkdir("lock.db");
      const take = () => lock.acquire(dir.path);
      expect(take).not.toThrow("held: ");
      expect(take).toThrow(expect.objectContaining({ code: "SQLITE_CANTOPEN" }));
    });
  });
});
