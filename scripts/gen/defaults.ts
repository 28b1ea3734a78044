/** Writes the default of every setting as plain data, so that the agent starts without the schema they stand in. */
import { settingsSchema } from "@sigil/core";

const DEFAULTS_OUTPUT = "packages/core/src/generated/settings.ts";

const HEADER = `// Generated from packages/core/src/policy/settings.ts by "pnpm gen"; do not edit.
import type { Settings } from "../policy/settings.ts";

/** The settings of a policy that sets none. */
`;

/** The generated file by path relative to the repository's root. */
export function generateDefaults(): Map<string, string> {
  const text = JSON.stringify(settingsSchema.parse({}), null, 2);
  return new Map([
    [DEFAULTS_OUTPUT, `${HEADER}export const DEFAULT_SETTINGS: Settings = ${text};\n`],
  ]);
}
