import { Command, CommanderError, InvalidArgumentError } from "commander";
import { fail } from "./error.ts";
import { describeError, EXIT, exitCodeOf, type ErrorStyle } from "./exit.ts";

const SUGGESTION = /\n\(Did you mean (?:one of )?(.+)\?\)$/;

/** A command whose errors are Sigil's own: one line of error, one of hint (design §5). */
export class SigilCommand extends Command {
  override createCommand(name?: string): Command {
    return new SigilCommand(name);
  }

  /** @throws SIGIL_USAGE_INVALID always */
  override error(message: string): never {
    const suggestion = SUGGESTION.exec(message)?.[1];
    const text = message.replace(SUGGESTION, "").replace(/^error: /, "");
    const help = `\`${pathOf(this)} --help\` shows what it takes`;
    const hint = suggestion === undefined ? help : `did you mean ${suggestion}? ${help}`;
    throw fail("SIGIL_USAGE_INVALID", text, { hint });
  }
}

/** The words that lead to a command, `sigil show events`. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** The examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

/** A whole number of at least `least`, as an option's value. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number of at least ${least}.`);
  };
}

/** Makes a commander action of a command's code: hands it what the command line says, keeps its exit code. */
export type Act<Context> = <Args extends readonly unknown[]>(
  work: (context: Context, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

/** Adds commands to the program. The code behind them is loaded when they run. */
export type Define<Context> = (program: Command, act: Act<Context>) => void;

/** Adds the commands of a program. @param context made when a command runs, once the options are known */
export function defineAll<Context>(
  program: Command,
  definitions: Iterable<Define<Context>>,
  context: () => Context,
  exit: (code: number) => void,
): Command {
  const act: Act<Context> =
    (work) =>
    async (...args) =>
      exit(await work(context(), ...args));
  for (const define of definitions) define(program, act);
  return program;
}

/**
 * Runs one command line.
 * @param plainest puts an error in the words of whoever reads it
 * @returns the exit code
 */
export async function runProgram(
  build: (exit: (code: number) => void) => Command,
  args: readonly string[],
  style: ErrorStyle,
  plainest: (error: unknown) => unknown = (error) => error,
): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await build((set) => (code = set)).parseAsync(args, { from: "user" });
    return code;
  } catch (thrown) {
    // Help that was asked for is 0; help shown because a command is missing is usage.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const error = plainest(thrown);
    process.stderr.write(describeError(error, style));
    return exitCodeOf(error, style);
  }
}
