import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { databaseLock } from "../src/lock.ts";

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

describe("databaseLock", () => {
  describe("when no one has it", () => {
    it("is taken, and can be taken again once released", () => {
      const first = databaseLock.acquire(dir.path);
      first.release();
      const second = databaseLock.acquire(dir.path);
      second.release();
    });
  });

  describe("when another has it", () => {
    it("is refused at once", () => {
      const held = databaseLock.acquire(dir.path);
      expect(() => databaseLock.acquire(dir.path)).toThrow(
        expect.objectContaining({ code: "SIGIL_AGENT_RUNNING" }),
      );
      held.release();
    });
  });

  describe("when the process that had it was killed", () => {
    it("is free", async () => {
      const lock = fileURLToPath(new URL("../src/lock.ts", import.meta.url));
      const code = `const { databaseLock } = await import(${JSON.stringify(lock)});
        globalThis.held = databaseLock.acquire(process.argv[1]);
        console.log("held");
        setInterval(() => undefined, 1000);`;
      const child = spawn(
        process.execPath,
        ["--conditions=@sigil/source", "--input-type=module", "-e", code, dir.path],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      await new Promise((resolve) => child.stdout.once("data", resolve));
      expect(() => databaseLock.acquire(dir.path)).toThrow(
        expect.objectContaining({ code: "SIGIL_AGENT_RUNNING" }),
      );
      child.kill("SIGKILL");
      const held = await eventually(() => databaseLock.acquire(dir.path));
      held.release();
    });
  });
});
