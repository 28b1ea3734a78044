import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { onTestFinished } from "vitest";

/** A small disk of its own for the running test. @returns false where none can be mounted */
export function mountTmpfs(at: string, size: string): boolean {
  execFileSync("mkdir", ["-p", at]);
  const made = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${size},mode=0750`,
    "sigil-test",
    at,
  ]);
  if (made.status !== 0) return false;
  onTestFinished(() => void spawnSync("umount", ["-l", at]));
  return true;
}

/** Writes until nothing more fits. */
export function fill(file: string): void {
  for (const size of [64 * 1024, 4096]) {
    for (;;) {
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}
