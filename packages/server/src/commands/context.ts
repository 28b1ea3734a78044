import { resolveConfig, type Config, type GlobalFlags } from "../config.ts";

/** What a command gets from the command line and the process. */
export interface CommandContext {
  readonly config: Config;
}

export function contextOf(flags: GlobalFlags): CommandContext {
  return { config: resolveConfig(flags, process.env) };
}

/** A remark beside the data, on stderr. */
export function note(text: string): void {
  process.stderr.write(`sigil-server: ${text}\n`);
}
