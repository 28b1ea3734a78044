import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { cannot, eventually, type TestHost } from "../harness.ts";

/** A small disk of its own below the home, for the running test. @returns its path */
export function smallDisk(host: TestHost, size: string, skip: (note?: string) => never): string {
  const disk = host.path("disk");
  if (!mountTmpfs(disk, size)) cannot(skip, "no tmpfs can be mounted here");
  return disk;
}

/** @returns false where none can be mounted */
function mountTmpfs(at: string, size: string): boolean {
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

/** As many small files below `.claude/hooks`, which is what it gives back. */
export function writeHooks(host: TestHost, count: number): string {
  for (let index = 0; index < count; index += 1)
    host.write(`.claude/hooks/f${index}`, `${index}\n`);
  return host.path(".claude/hooks");
}

/** Waits until the agent says that it cannot write. */
export async function stalled(host: TestHost, channel: "spool" | "state"): Promise<void> {
  await eventually(async () =>
    (await host.status()).conditions.some(({ code }) => code === `${channel}-stalled`),
  );
}
