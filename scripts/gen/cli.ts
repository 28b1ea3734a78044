/** docs/reference/cli.md: the help of every command, as the program itself prints it, 100 columns wide. */
import { EXIT } from "@sigil/cli";
import { buildProgram } from "@sigil/agent";
import { code, page, table } from "./markdown.ts";

export type Program = ReturnType<typeof buildProgram>;

const WIDTH = 100;

/** A program whose commands do nothing and print nothing on their own. */
export function quietProgram(): Program {
  const program = buildProgram(() => undefined);
  everyCommand(program, (command) => {
    command.exitOverride();
    command.configureOutput({
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      writeOut: () => undefined,
      writeErr: () => undefined,
    });
  });
  return program;
}

/** What `sigil <command> --help` prints, epilogue and all. */
function helpOf(command: Program): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) });
  command.outputHelp();
  return text.trimEnd();
}

export function everyCommand(
  program: Program,
  visit: (command: Program, name: string) => void,
): void {
  const walk = (command: Program, name: string) => {
    visit(command, name);
    for (const child of command.commands) walk(child, `${name} ${child.name()}`);
  };
  walk(program, program.name());
}

/** Environment variables the program reads itself, beside those that stand in policy paths. */
export const VARIABLES: Readonly<Record<string, string>> = {
  SIGIL_MODE: "`user` or `system`; the same as `--mode`",
  SIGIL_POLICY: "policy file; the same as `--policy`",
  SIGIL_STATE_DB: "state database; the same as `--state-db`",
  SIGIL_EVENTS_DIR: "spool directory; the same as `--events-dir`",
  SIGIL_TRUST: "trust root of signed policy; the same as `--trust`",
  SIGIL_LOG:
    "level of the agent's own log on stderr: `trace`, `debug`, `info` (default), `warn`, `error`, `silent`",
  SIGIL_HASHER: "`wasm`: do not use the native BLAKE3 implementation",
  SIGIL_PASSWD: "file to read accounts from instead of `/etc/passwd` (system mode)",
  SIGIL_PROC: "process file system to look for running agents in instead of `/proc` (Linux)",
  NO_COLOR: "set: no color, also on a terminal",
  XDG_CONFIG_HOME: "where `sigil/policy.yaml` is in user mode (default `~/.config`)",
  XDG_STATE_HOME: "where `sigil/` with state and spool is in user mode (default `~/.local/state`)",
  XDG_RUNTIME_DIR: "where `sigil/control.sock` is in user mode (default: the state directory)",
};

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "fine",
  negative: "a negative answer, such as a check that failed",
  usage: "the command line is wrong",
  config: "configuration or policy is not valid",
  failed: "something failed at run time",
  interrupted: "interrupted by a second Ctrl-C",
};

export function cliPage(): string {
  const sections: string[] = [];
  everyCommand(quietProgram(), (command, name) => {
    if (command.name() !== "help")
      sections.push(`## \`${name}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``);
  });
  const exits = Object.entries(EXIT).map(([name, number]) => [
    String(number),
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
  const variables = Object.entries(VARIABLES).map(([name, meaning]) => [code(name), meaning]);
  return page("Command line", "the program's own help", [
    "Data goes to stdout, everything else to stderr. A flag wins over the environment, the environment over the policy " +
      "file, and that over the default. From a checkout, after `npm start` or a build, the program is `npx sigil`.",
    ...sections,
    `## Exit codes\n\n${table(["code", "meaning"], exits)}`,
    "`sigil doctor` has its own: 0 fine, 1 warnings, 2 errors.",
    `## Environment\n\n${table(["variable", "meaning"], variables)}`,
  ]);
}
