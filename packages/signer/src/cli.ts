/**
 * `sigil-sign`: makes keys, seals policies and trust roots, and says what a host would say to them. It runs where the
 * keys are, which is no host and no server.
 *
 * It will not: connect to anything, keep a key or a passphrase, or write over a key.
 */
import { runProgram, SigilCommand } from "@sigil/cli/command";
import type { Command } from "commander";
import type { Act } from "./cli/act.ts";
import { defineBundle } from "./cli/define/bundle.ts";
import { defineInspect } from "./cli/define/inspect.ts";
import { defineKeygen } from "./cli/define/keygen.ts";
import { defineRoot } from "./cli/define/root.ts";
import { defineCosign, defineSign } from "./cli/define/sign.ts";
import { defineVerify } from "./cli/define/verify.ts";
import { STYLE } from "./cli/style.ts";
import { VERSION } from "./version.ts";

export { SIGNER_ERRORS, type SignerErrorCode } from "./errors.ts";
export { exitCodeOf } from "./cli/style.ts";

const DEFINITIONS = [
  defineKeygen,
  defineSign,
  defineCosign,
  defineVerify,
  defineInspect,
  defineRoot,
  defineBundle,
];

/** @param exit gets the exit code of the command that ran */
export function buildProgram(exit: (code: number) => void): Command {
  const program = new SigilCommand("sigil-sign")
    .description("Signs policies and trust roots for Sigil, away from the hosts that obey them.")
    .version(`sigil-sign ${VERSION}`, "-V, --version", "print the version")
    .exitOverride();
  const act: Act =
    (work) =>
    async (...args) =>
      exit(await work(...args));
  for (const define of DEFINITIONS) define(program, act);
  return program;
}

/** Runs one command line. @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(buildProgram, args, STYLE);
}
