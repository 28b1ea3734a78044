import { resolveConfig, type Config, type GlobalFlags } from "../config.ts";

/** What a command gets from the command line and the process. */
export interface CommandContext {
  readonly config: Config;
  /** The user named the policy file, by flag or environment. */
  readonly policyRequired: boolean;
}

export function contextOf(flags: GlobalFlags): CommandContext {
  const config = resolveConfig(flags, process.env);
  return { config, policyRequired: config.origins.policy !== "default" };
}

/** A remark beside the data, on stderr. */
export function note(text: string): void {
  process.stderr.write(`sigil: ${text}\n`);
}
