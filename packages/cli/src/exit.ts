import { errnoOf, messageOf, SigilError } from "@sigil/core/plain";
import { printable } from "./print.ts";

/** Exit codes of every Sigil program (design §5). */
export const EXIT = {
  ok: 0,
  negative: 1,
  usage: 2,
  config: 3,
  failed: 4,
  interrupted: 130,
} as const;

/** How one program speaks of errors. */
export interface ErrorStyle {
  /** Its name, as it is called. */
  readonly program: string;
  /** Codes of what is configured wrong, beside `SIGIL_CONFIG_*`. */
  readonly config: RegExp;
  /** What its reader can do, where a library only knows its own words; by code. */
  readonly hints: Readonly<Record<string, string>>;
}

/** The exit code an error stands for: what is configured wrong is 3, what went wrong is 4. */
export function exitCodeOf(error: unknown, style: Pick<ErrorStyle, "config">): number {
  if (!(error instanceof SigilError)) return EXIT.failed;
  if (error.code === "SIGIL_USAGE_INVALID") return EXIT.usage;
  const isConfig = error.code.startsWith("SIGIL_CONFIG_") || style.config.test(error.code);
  return isConfig ? EXIT.config : EXIT.failed;
}

/** What to do about an error, if anything is known. */
export function hintOf(error: unknown, { hints }: Pick<ErrorStyle, "hints">): string | undefined {
  return error instanceof SigilError ? (hints[error.code] ?? error.hint) : undefined;
}

/** `sigil: error: …` with the code, then `sigil: hint: …`. Messages hold names that anybody may have chosen. */
export function describeError(error: unknown, style: ErrorStyle): string {
  const code = error instanceof SigilError ? ` [${error.code}]` : "";
  const lines = [`${style.program}: error: ${printable(messageOf(error))}${code}`];
  const hint = hintOf(error, style);
  if (hint !== undefined) lines.push(`${style.program}: hint: ${printable(hint)}`);
  return `${lines.join("\n")}\n`;
}

/**
 * The spool says "locked" where its lock says who holds it.
 * @param held code of the error that says who holds it
 */
export function plainestLock(error: unknown, held: string): unknown {
  if (!(error instanceof SigilError) || error.code !== "SIGIL_SPOOL_LOCKED") return error;
  return errnoOf(error.cause) === held ? error.cause : error;
}
