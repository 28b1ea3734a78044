import { spawnSync } from "node:child_process";
import { agentCommand, type TestHost } from "../harness.ts";

/** What `sigil doctor` prints about a host, whatever its exit code. */
export function doctorSays(host: TestHost): string {
  const { file, args, env } = agentCommand(host.home);
  const before = args.slice(0, args.indexOf("run"));
  const { stdout } = spawnSync(file, [...before, "doctor"], {
    cwd: host.home,
    env,
    encoding: "utf8",
    timeout: 60_000,
  });
  return stdout;
}
