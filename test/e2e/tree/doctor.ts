import { spawn } from "node:child_process";
import { once } from "node:events";
import { agentCommand, type TestHost } from "../harness.ts";

/**
 * What `sigil doctor` prints about a host, whatever its exit code. Beside the test: the agent asked waits for whoever
 * reads what it prints, and that is the test.
 */
export async function doctorSays(host: TestHost): Promise<string> {
  const { file, args, env } = agentCommand(host.home);
  const before = args.slice(0, args.indexOf("run"));
  const child = spawn(file, [...before, "doctor"], {
    cwd: host.home,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "close");
  return said;
}
