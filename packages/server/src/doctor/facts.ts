import { filesOf, loadSettings, type Config, type ServerFiles } from "../config.ts";
import type { ServerSettings } from "../settings.ts";

/** What the checks look at. Settings that cannot be read are a finding, not the end of the others. */
export type Facts = {
  readonly config: Config;
  readonly settings: ServerSettings;
  readonly files: ServerFiles;
  /** Wall time, milliseconds. */
  readonly now: number;
};

/** @throws SIGIL_CONFIG_* */
export function gatherFacts(config: Config): Facts {
  const settings = loadSettings(config);
  return { config, settings, files: filesOf(config, settings), now: Date.now() };
}
