import { hostError } from "./error.ts";
import type { Env } from "./platform.ts";

/** Not the uid: root may run in user mode, and tests do. */
export type Mode = "user" | "system";

export type ResolvedMode = {
  readonly mode: Mode;
  readonly origin: "flag" | "env" | "default";
};

/**
 * `--mode` over SIGIL_MODE over `user`. An installed service passes `--mode system` itself; an
 * empty SIGIL_MODE counts as unset.
 * @throws SIGIL_HOST_MODE_INVALID for any other word.
 */
export function resolveMode(input: {
  readonly flag?: string | undefined;
  readonly env: Env;
}): ResolvedMode {
  if (input.flag !== undefined) return { mode: modeOf(input.flag, "--mode"), origin: "flag" };
  const value = input.env["SIGIL_MODE"];
  if (value === undefined || value === "") return { mode: "user", origin: "default" };
  return { mode: modeOf(value, "SIGIL_MODE"), origin: "env" };
}

function modeOf(value: string, origin: string): Mode {
  if (value === "user" || value === "system") return value;
  const shown = JSON.stringify(value.slice(0, 64));
  throw hostError("SIGIL_HOST_MODE_INVALID", `${origin} is ${shown}`, { context: { origin } });
}
