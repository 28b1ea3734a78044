import { spawn } from "node:child_process";
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
});
