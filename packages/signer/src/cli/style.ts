import { describeError as describe, exitCodeOf as codeOf, type ErrorStyle } from "@sigil/cli";

const STYLE: ErrorStyle = {
  program: "sigil-sign",
  config: /^SIGIL_(?:TRUST_|SIGNER_(?:POLICY|ROOT)_INVALID)/,
  hints: {},
};

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  return codeOf(error, STYLE);
}

/** The two lines on stderr. */
export function describeError(error: unknown): string {
  return describe(error, STYLE);
}

/** A remark beside the data, on stderr. */
export function note(text: string): void {
  process.stderr.write(`${STYLE.program}: ${text}\n`);
}
