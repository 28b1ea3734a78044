import { exitCodeOf as codeOf, type ErrorStyle } from "@sigil/cli";

/** How this program speaks of errors. */
export const STYLE: ErrorStyle = {
  program: "sigil-sign",
  config: /^SIGIL_(?:TRUST_|SIGNER_(?:POLICY|ROOT)_INVALID)/,
  hints: {},
};

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  return codeOf(error, STYLE);
}

/** A remark beside the data, on stderr. */
export function note(text: string): void {
  process.stderr.write(`${STYLE.program}: ${text}\n`);
}
