import { Command } from "commander";
import { fail } from "../errors.ts";

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
