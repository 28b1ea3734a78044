import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { quietEnv } from "@sigil/testkit";
import type { TestHost } from "../harness.ts";

const ENTRY = resolve(import.meta.dirname, "../../../packages/agent/src/bin.ts");
const NODE = ["--conditions=@sigil/source", "--disable-warning=ExperimentalWarning", ENTRY];

export interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command of the real binary, in a home of its own. */
export function sigil(host: TestHost, args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [...NODE, "--mode", "user", ...args], {
    cwd: host.home,
    env: { ...quietEnv(host.home), TMPDIR: join(host.home, "..") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done) =>
    child.once("close", (code, signal) => done({ code, signal, stdout, stderr })),
  );
}
