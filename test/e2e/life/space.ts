import { execFileSync } from "node:child_process";
import { cannot, type Agent } from "../harness.ts";

/** Runs the agent in a mount namespace of its own: what is mounted there is nowhere else, and ends with it. */
export const APART = ["/usr/bin/unshare", "--mount"] as const;

/** Says why, where mounts of one's own cannot be made. */
export function needsMounts(skip: (note?: string) => never): void {
  try {
    const mount = ["mount", "-t", "tmpfs", "none", "/mnt"];
    execFileSync("/usr/bin/unshare", ["--mount", ...mount], { stdio: "ignore" });
  } catch {
    cannot(skip, "this user may not mount");
  }
}

/** Runs a command where the agent is: among its mounts. */
export function inside(agent: Agent, ...command: readonly [string, ...string[]]): string {
  const way = ["--mount", "--target", String(agent.child.pid), "--", ...command];
  return execFileSync("/usr/bin/nsenter", way, { encoding: "utf8" });
}

/** A path as the agent sees it, for a test that is outside. */
export function seenBy(agent: Agent, path: string): string {
  return `/proc/${agent.child.pid}/root${path}`;
}
