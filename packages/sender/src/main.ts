import { describeError, EXIT, exitCodeOf } from "@sigil/cli";
import { SigilCommand } from "@sigil/cli/command";
import { CommanderError, Option, type Command } from "commander";
import type { Act, Define } from "./commands/act.ts";
import { contextOf, type GlobalFlags } from "./commands/context.ts";
import { defineDoctor } from "./commands/define/doctor.ts";
import { defineEnroll } from "./commands/define/enroll.ts";
import { defineOnce } from "./commands/define/once.ts";
import { defineQuarantine } from "./commands/define/quarantine.ts";
import { defineRun } from "./commands/define/run.ts";
import { defineStatus } from "./commands/define/status.ts";
import { defineVersion } from "./commands/define/version.ts";
import { plainest, STYLE } from "./commands/exit.ts";
import { VERSION } from "./version.ts";

const DEFINITIONS: readonly Define[] = [
  defineRun,
  defineOnce,
  defineStatus,
  defineDoctor,
  defineEnroll,
  defineQuarantine,
  defineVersion,
];

/** Commands load their code when they run: `sigil-sender version` must not pay for the network. */
export function buildProgram(exit: (code: number) => void): Command {
  const program = new SigilCommand("sigil-sender")
    .description("Carries what the agent recorded to the server, and signed policy back.")
    .version(`sigil-sender ${VERSION}`, "-V, --version", "print the version")
    .option("--config <file>", "configuration file (SIGIL_SENDER_CONFIG)")
    .option("--events-dir <dir>", "the agent's spool (SIGIL_EVENTS_DIR)")
    .option("--state-dir <dir>", "the sender's own directory (SIGIL_SENDER_STATE_DIR)")
    .addOption(
      new Option("--mode <mode>", "user or system (SIGIL_MODE)").choices(["user", "system"]),
    )
    .exitOverride();
  const act: Act =
    (work) =>
    async (...args) =>
      exit(await work(contextOf(program.opts<GlobalFlags>(), process.env), ...args));
  for (const define of DEFINITIONS) define(program, act);
  return program;
}

/** Runs one command line. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram((set) => (code = set));
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help that was asked for is 0; help shown because a command is missing is usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(describeError(plainest(error), STYLE));
    return exitCodeOf(plainest(error), STYLE);
  }
}
