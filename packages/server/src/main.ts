import { defineAll, runProgram, SigilCommand } from "@sigil/cli/command";
import { Option, type Command } from "commander";
import type { Define } from "./commands/act.ts";
import { contextOf } from "./commands/context.ts";
import { defineBackup } from "./commands/define/backup.ts";
import { defineCa } from "./commands/define/ca.ts";
import { defineDoctor } from "./commands/define/doctor.ts";
import { defineHosts } from "./commands/define/hosts.ts";
import { definePolicy } from "./commands/define/policy.ts";
import { defineRun } from "./commands/define/run.ts";
import { defineToken } from "./commands/define/token.ts";
import { defineVersion } from "./commands/define/version.ts";
import { STYLE } from "./commands/exit.ts";
import type { GlobalFlags } from "./config.ts";
import { VERSION } from "./version.ts";

const DEFINITIONS: readonly Define[] = [
  defineRun,
  defineCa,
  defineToken,
  definePolicy,
  defineHosts,
  defineBackup,
  defineDoctor,
  defineVersion,
];

/** Commands load their code when they run. */
export function buildProgram(exit: (code: number) => void): Command {
  const program = new SigilCommand("sigil-server")
    .description("Reference receiver: knows hosts by certificate, admits batches, serves policy.")
    .version(`sigil-server ${VERSION}`, "-V, --version", "print the version")
    .option("--config <file>", "configuration file (SIGIL_SERVER_CONFIG)")
    .option("--state-dir <dir>", "directory of stores, CA and certificate (SIGIL_SERVER_STATE_DIR)")
    .addOption(
      new Option("--mode <mode>", "user or system (SIGIL_MODE)").choices(["user", "system"]),
    )
    .exitOverride();
  return defineAll(program, DEFINITIONS, () => contextOf(program.opts<GlobalFlags>()), exit);
}

/** Runs one command line. @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(buildProgram, args, STYLE);
}
