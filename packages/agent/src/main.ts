import { Option, type Command } from "commander";
import type { Define } from "./commands/act.ts";
import { defineAll, runProgram, SigilCommand } from "@sigil/cli/command";
import { contextOf } from "./commands/context.ts";
import { defineDoctor } from "./commands/define/doctor.ts";
import { defineExplain } from "./commands/define/explain.ts";
import { definePolicy } from "./commands/define/policy.ts";
import { defineReload } from "./commands/define/reload.ts";
import { defineRun } from "./commands/define/run.ts";
import { defineScan } from "./commands/define/scan.ts";
import { defineShow } from "./commands/define/show.ts";
import { defineSpool } from "./commands/define/spool.ts";
import { defineVersion } from "./commands/define/version.ts";
import { plainest, STYLE } from "./commands/exit.ts";
import type { GlobalFlags } from "./config.ts";
import { VERSION } from "./version.ts";

const DEFINITIONS: ReadonlyMap<string, Define> = new Map([
  ["run", defineRun],
  ["scan", defineScan],
  ["explain", defineExplain],
  ["show", defineShow],
  ["doctor", defineDoctor],
  ["policy", definePolicy],
  ["spool", defineSpool],
  ["reload", defineReload],
  ["version", defineVersion],
]);

/** Commands load their code when they run: `sigil version` must not pay for the agent. */
export function buildProgram(
  exit: (code: number) => void,
  definitions: Iterable<Define> = DEFINITIONS.values(),
): Command {
  const program = new SigilCommand("sigil")
    .description(
      "The posture sensor for AI coding agents: watches, hashes and records their guard files.",
    )
    .version(`sigil ${VERSION}`, "-V, --version", "print the version")
    .option("--policy <file>", "policy file (SIGIL_POLICY)")
    .option("--state-db <file>", "state database (SIGIL_STATE_DB)")
    .option("--events-dir <dir>", "spool directory (SIGIL_EVENTS_DIR)")
    .option("--trust <file>", "trust root of signed policy (SIGIL_TRUST)")
    .addOption(
      new Option("--mode <mode>", "user or system (SIGIL_MODE)").choices(["user", "system"]),
    )
    .exitOverride();
  return defineAll(program, definitions, () => contextOf(program.opts<GlobalFlags>()), exit);
}

/** Runs one command line. @returns the exit code */
export function main(args: readonly string[]): Promise<number> {
  // A command line that begins with its command needs no other one.
  const only = DEFINITIONS.get(args[0] ?? "");
  return runProgram((exit) => buildProgram(exit, only && [only]), args, STYLE, plainest);
}
