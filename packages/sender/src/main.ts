import { defineAll, runProgram, SigilCommand } from "@sigil/cli/command";
import { Option, type Command } from "commander";
import type { Define } from "./commands/act.ts";
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
  return defineAll(
    program,
    DEFINITIONS,
    () => contextOf(program.opts<GlobalFlags>(), process.env),
    exit,
  );
}

/** Runs one command line. @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(buildProgram, args, STYLE, plainest);
}
