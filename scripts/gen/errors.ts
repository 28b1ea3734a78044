/** docs/reference/errors.md: every failure any package can report, from the packages' own tables. */
import { AGENT_ERRORS } from "@sigil/agent";
import { CLI_ERRORS } from "@sigil/cli";
import { GLOB_ERRORS, SigilError, type ErrorSpec } from "@sigil/core";
import { HOST_ERRORS } from "@sigil/host";
import { PORTS_ERRORS } from "@sigil/ports";
import { GRAMMAR_ERRORS, RISK_ERRORS } from "@sigil/risk";
import { SPOOL_ERRORS } from "@sigil/spool";
import { exitCodeOf } from "../../packages/agent/src/commands/exit.ts";
import { cell, code, page, table } from "./markdown.ts";

type Table = Readonly<Record<string, ErrorSpec>>;

export const ERROR_TABLES: readonly { readonly package: string; readonly errors: Table }[] = [
  { package: "@sigil/agent", errors: AGENT_ERRORS },
  { package: "@sigil/cli", errors: CLI_ERRORS },
  { package: "@sigil/core", errors: GLOB_ERRORS },
  { package: "@sigil/host", errors: HOST_ERRORS },
  { package: "@sigil/ports", errors: PORTS_ERRORS },
  { package: "@sigil/risk", errors: { ...GRAMMAR_ERRORS, ...RISK_ERRORS } },
  { package: "@sigil/spool", errors: SPOOL_ERRORS },
];

export function errorsPage(): string {
  return page("Errors", "the error tables of the packages", [
    "A failure has a code that does not change. `sigil` prints it on stderr as `sigil: error: <what> [CODE]`, then " +
      "`sigil: hint: <what to do>`, and ends with the exit code given here (see [cli.md](cli.md)).",
    ...ERROR_TABLES.map(({ package: name, errors }) => section(name, errors)),
  ]);
}

function section(name: string, errors: Table): string {
  const rows = Object.entries(errors)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, spec]) => {
      const exit = exitCodeOf(new SigilError(id, ""));
      return [code(id), cell(spec.summary), cell(spec.hint), String(exit)];
    });
  return `## ${name}\n\n${table(["code", "what went wrong", "what to do", "exit"], rows)}`;
}
