import { spawn } from "node:child_process";
import { once } from "node:events";
import { AUTHOR } from "../author.ts";

/** Runs a program to its end, beside the test. @throws when it fails, with what it said */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly home: string; readonly env?: Record<string, string> },
): Promise<void> {
  const env = {
    HOME: options.home,
    PATH: "/usr/bin:/bin",
    ...AUTHOR,
    ...options.env,
  };
  const child = spawn(file, args, { cwd: options.cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(" ")}: ${code}: ${said.slice(-2000)}`);
}

/** As {@link runProgram}: this Node with a few lines of its own. */
export async function runScript(
  lines: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  await runProgram(process.execPath, ["--input-type=module", "-e", lines, "--", ...args], {
    cwd,
    home: cwd,
  });
}
