import { Command, InvalidArgumentError } from "commander";
import { fail } from "./error.ts";

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
