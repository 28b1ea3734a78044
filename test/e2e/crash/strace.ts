import { spawnSync } from "node:child_process";
import { cannot } from "../harness.ts";

/** Ends the test as skipped where system calls cannot be watched and changed. */
export function needStrace(skip: (note?: string) => never): void {
  const tried = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]);
  if (tried.status !== 0) cannot(skip, "strace is not installed, or may not trace");
}

export interface Traced {
  /** Only calls on these paths are looked at. */
  readonly paths?: readonly string[];
  readonly calls: readonly string[];
  /** What becomes of one of them: strace's own words, such as `signal=KILL:when=3`. */
  readonly inject?: string;
  readonly output?: string;
}

/** Runs the agent under strace, which stands aside: signals and exit code are the agent's own. */
export function strace({ paths = [], calls, inject, output = "/dev/null" }: Traced): string[] {
  const named = paths.flatMap((path) => ["-P", path]);
  const injected = inject === undefined ? [] : ["-e", `inject=${calls.join(",")}:${inject}`];
  return [
    "strace",
    "-D",
    "-f",
    "-qq",
    "-o",
    output,
    ...named,
    "-e",
    `trace=${calls.join(",")}`,
  ].concat(injected);
}

/** One thread does what the spool asks for: calls come one after another, and can be counted. */
export const ONE_THREAD = { UV_THREADPOOL_SIZE: "1" };
