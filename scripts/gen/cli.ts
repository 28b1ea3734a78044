/** docs/reference/cli*.md: the help of every command, as the programs themselves print it, 100 columns wide. */
import { EXIT } from "@sigil/cli";
import { code, page, table } from "./markdown.ts";
import { everyCommand, quietProgram, type Program } from "./programs.ts";

/** What `sigil <command> --help` prints, epilogue and all. */
function helpOf(command: Program): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) });
  command.outputHelp();
  return text.trimEnd();
}

/** Environment variables the program reads itself, beside those that stand in policy paths. */
export const VARIABLES: Readonly<Record<string, string>> = {
  SIGIL_MODE: "`user` or `system`; the same as `--mode`",
  SIGIL_POLICY: "policy file; the same as `--policy`",
  SIGIL_STATE_DB: "state database; the same as `--state-db`",
  SIGIL_EVENTS_DIR: "spool directory; the same as `--events-dir`",
  SIGIL_TRUST: "trust root of signed policy; the same as `--trust`",
  SIGIL_SENDER_CONFIG: "`sender.yaml`; the same as `sigil-sender --config`",
  SIGIL_SENDER_STATE_DIR: "the sender's own directory; the same as `sigil-sender --state-dir`",
  SIGIL_ENROLL_TOKEN: "token for `sigil-sender enroll`",
  SIGIL_SERVER_CONFIG: "`server.yaml`; the same as `sigil-server --config`",
  SIGIL_SERVER_STATE_DIR: "the server's directory; the same as `sigil-server --state-dir`",
  SIGIL_SIGN_PASSPHRASE_FILE: "file with the passphrase of a signing key",
  HTTPS_PROXY: "proxy of the sender, with `server.proxy: environment`",
  NO_PROXY: "hosts that are reached without it",
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

function helpSections(program: string): string[] {
  const sections: string[] = [];
  everyCommand(quietProgram(program), (command, name) => {
    if (command.name() !== "help")
      sections.push(`## \`${name}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``);
  });
  return sections;
}

/** Of the programs beside `sigil`: exit codes and variables stand with that one. */
export function programPage(program: string): string {
  return page(`Command line of ${program}`, "the program's own help", [
    `Exit codes and environment variables are in [cli.md](cli.md). From a checkout the program is \`npx ${program}\`.`,
    ...helpSections(program),
  ]);
}

export function cliPage(): string {
  const exits = Object.entries(EXIT).map(([name, number]) => [
    String(number),
    EXIT_MEANINGS[name as keyof typeof EXIT],
  ]);
  const variables = Object.entries(VARIABLES).map(([name, meaning]) => [code(name), meaning]);
  return page("Command line", "the program's own help", [
    "Data goes to stdout, everything else to stderr. A flag wins over the environment, the environment over the policy " +
      "file, and that over the default. From a checkout, after `npm start` or a build, the program is `npx sigil`.",
    ...helpSections("sigil"),
    `## Exit codes\n\n${table(["code", "meaning"], exits)}`,
    "The `doctor` of each program has its own: 0 fine, 1 warnings, 2 errors.",
    `## Environment\n\n${table(["variable", "meaning"], variables)}`,
  ]);
}
