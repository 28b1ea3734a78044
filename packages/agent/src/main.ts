import { EXIT } from "@sigil/cli";
import { CommanderError, Option, type Command } from "commander";
import type { Act, Define } from "./commands/act.ts";
import { SigilCommand } from "@sigil/cli/command";
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
import { describeError, exitCodeOf } from "./commands/exit.ts";
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
  const act: Act =
    (work) =>
    async (...args) =>
      exit(await work(contextOf(program.opts<GlobalFlags>()), ...args));
  for (const define of definitions) define(program, act);
  return program;
}

/** Runs one command line. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  // A command line that begins with its command needs no other one.
  const only = DEFINITIONS.get(args[0] ?? "");
  const program = buildProgram((set) => (code = set), only && [only]);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Help that was asked for is 0; help shown because a command is missing is usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(describeError(error));
    return exitCodeOf(error);
  }
}
