import { errnoOf, messageOf, SigilError } from "@sigil/core/plain";

/** Exit codes of every Sigil program (design §5). */
export const EXIT = {
  ok: 0,
  negative: 1,
  usage: 2,
  config: 3,
  failed: 4,
  interrupted: 130,
} as const;

const CONFIG =
  /^SIGIL_(?:POLICY|HOST_MODE|HOST_HOME|HOST_ID|HOST_SOCKET|SPOOL_OWNER|SPOOL_SETTING)/;

/** The spool wraps what its lock says; the lock knows better what is going on. */
export function plainest(error: unknown): unknown {
  const cause = error instanceof SigilError ? error.cause : undefined;
  return errnoOf(error) === "SIGIL_SPOOL_LOCKED" && errnoOf(cause) === "SIGIL_AGENT_RUNNING"
    ? cause
    : error;
}

/** The exit code an error stands for: what is configured wrong is 3, what went wrong is 4. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SigilError)) return EXIT.failed;
  if (error.code === "SIGIL_USAGE_INVALID") return EXIT.usage;
  return CONFIG.test(error.code) ? EXIT.config : EXIT.failed;
}

/** `sigil: error: …` with the code, then `sigil: hint: …`. */
export function describeError(thrown: unknown): string {
  const error = plainest(thrown);
  const code = error instanceof SigilError ? ` [${error.code}]` : "";
  const lines = [`sigil: error: ${messageOf(error)}${code}`];
  if (error instanceof SigilError && error.hint !== undefined)
    lines.push(`sigil: hint: ${error.hint}`);
  return `${lines.join("\n")}\n`;
}
