/** docs/reference/errors.md: every failure any package can report, from the packages' own tables. */
import { AGENT_ERRORS } from "@sigil/agent";
import { CLI_ERRORS, exitCodeOf } from "@sigil/cli";
import { GLOB_ERRORS, SigilError, type ErrorSpec } from "@sigil/core";
import { HOST_ERRORS } from "@sigil/host";
import { PORTS_ERRORS } from "@sigil/ports";
import { GRAMMAR_ERRORS, RISK_ERRORS } from "@sigil/risk";
import { SPOOL_ERRORS } from "@sigil/spool";
import { SENDER_ERRORS } from "@sigil/sender";
import { SERVER_ERRORS } from "@sigil/server";
import { exitCodeOf as signerCode, SIGNER_ERRORS } from "@sigil/signer/cli";
import { exitCodeOf as agentCode } from "../../packages/agent/src/commands/exit.ts";
import { STYLE as SENDER } from "../../packages/sender/src/commands/exit.ts";
import { STYLE as SERVER } from "../../packages/server/src/commands/exit.ts";
import { cell, code, page, table } from "./markdown.ts";

type Table = Readonly<Record<string, ErrorSpec>>;

type ExitCodeOf = (error: SigilError) => number;

/** Each table with the exit code its errors end a program with: its own, or `sigil` for what several share. */
export const ERROR_TABLES: readonly {
  readonly package: string;
  readonly errors: Table;
  readonly exit: ExitCodeOf;
}[] = [
  { package: "@sigil/agent", errors: AGENT_ERRORS, exit: agentCode },
  { package: "@sigil/cli", errors: CLI_ERRORS, exit: agentCode },
  { package: "@sigil/core", errors: GLOB_ERRORS, exit: agentCode },
  { package: "@sigil/host", errors: HOST_ERRORS, exit: agentCode },
  { package: "@sigil/ports", errors: PORTS_ERRORS, exit: agentCode },
  { package: "@sigil/risk", errors: { ...GRAMMAR_ERRORS, ...RISK_ERRORS }, exit: agentCode },
  { package: "@sigil/sender", errors: SENDER_ERRORS, exit: (error) => exitCodeOf(error, SENDER) },
  { package: "@sigil/server", errors: SERVER_ERRORS, exit: (error) => exitCodeOf(error, SERVER) },
  { package: "@sigil/signer", errors: SIGNER_ERRORS, exit: signerCode },
  { package: "@sigil/spool", errors: SPOOL_ERRORS, exit: agentCode },
];

export function errorsPage(): string {
  return page("Errors", "the error tables of the packages", [
    "A failure has a code that does not change. A program prints it on stderr as `sigil: error: <what> [CODE]`, then " +
      "`sigil: hint: <what to do>`, under its own name, and ends with the exit code given here (see [cli.md](cli.md)).",
    ...ERROR_TABLES.map(({ package: name, errors, exit }) => section(name, errors, exit)),
  ]);
}

function section(name: string, errors: Table, exitOf: ExitCodeOf): string {
  const rows = Object.entries(errors)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, spec]) => {
      const exit = exitOf(new SigilError(id, ""));
      return [code(id), cell(spec.summary), cell(spec.hint), String(exit)];
    });
  return `## ${name}\n\n${table(["code", "what went wrong", "what to do", "exit"], rows)}`;
}
