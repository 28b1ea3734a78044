import { EXIT, print, printJson } from "@sigil/cli";
import { ask } from "../control/client.ts";
import type { CommandContext } from "./context.ts";

export interface ReloadFlags {
  readonly json?: boolean;
}

/** `sigil reload`. @throws SIGIL_CONTROL_UNREACHABLE, or SIGIL_POLICY_* as the agent found it */
export async function reload({ config }: CommandContext, flags: ReloadFlags): Promise<number> {
  const reply = (await ask(config.paths.control, { op: "reload" })) as { policy_version: string };
  if (flags.json) printJson(reply);
  else print(`policy ${reply.policy_version} is in force`);
  return EXIT.ok;
}
