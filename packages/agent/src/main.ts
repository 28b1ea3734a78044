import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { describeError, exitCodeOf, EXIT } from "./commands/exit.ts";
import { contextOf } from "./commands/context.ts";
import type { GlobalFlags } from "./config.ts";
import { VERSION } from "./version.ts";

/** Commands load their code when they run: `sigil version` must not pay for the agent. */
export function buildProgram(exit: (code: number) => void): Command {
  const program = new Command("sigil")
    .description(
      "The posture sensor for AI coding agents: watches, hashes and records their guard files.",
    )
    .option("--policy <file>", "policy file (SIGIL_POLICY)")
    .option("--state-db <file>", "state database (SIGIL_STATE_DB)")
    .option("--events-dir <dir>", "spool directory (SIGIL_EVENTS_DIR)")
    .addOption(new Option("--mode <mode>", "user or system (SIGIL_MODE)"))
    .showHelpAfterError("(run with --help for usage)")
    .exitOverride();
  const globals = () => program.opts<GlobalFlags>();

  program
    .command("run")
    .description("watch until stopped (SIGHUP reloads the policy)")
    .option("--duration <seconds>", "stop after this time", seconds)
    .option("--poll", "find changes by polling, for filesystems that send no events")
    .addOption(
      new Option(
        "--print <how>",
        "print each event: text, json or none (default: text on a terminal)",
      ).choices(["text", "json", "none"]),
    )
    .action(async (flags) => {
      const { run } = await import("./commands/run.ts");
      exit(await run(contextOf(globals()), flags));
    });

  program
    .command("version")
    .description("print the version")
    .option("--json", "print JSON")
    .action((flags: { json?: boolean }) => {
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ version: VERSION, node: process.versions.node })}\n`
          : `sigil ${VERSION}\n`,
      );
    });
  return program;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("give a number of seconds above 0");
  return value;
}

/** Runs one command line. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram((set) => (code = set));
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(describeError(error));
    return exitCodeOf(error);
  }
}
