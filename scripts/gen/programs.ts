/** The four programs, as the reference speaks of them. */
import { buildProgram as agent } from "@sigil/agent";
import { buildProgram as sender } from "@sigil/sender";
import { buildProgram as server } from "@sigil/server";
import { buildProgram as signer } from "@sigil/signer/cli";

type Build = (exit: (code: number) => void) => ReturnType<typeof agent>;

/** A command line that nothing is run by. */
export type Program = ReturnType<typeof agent>;

export const PROGRAMS: Readonly<Record<string, Build>> = {
  sigil: (exit) => agent(exit),
  "sigil-sender": sender,
  "sigil-server": server,
  "sigil-sign": signer,
};

const WIDTH = 100;

/** A program whose commands do nothing and print nothing on their own. */
export function quietProgram(name: string): Program {
  const build = PROGRAMS[name];
  if (!build) throw new Error(`there is no program ${name}`);
  const program = build(() => undefined);
  everyCommand(program, (command) => {
    command.exitOverride();
    command.configureOutput({
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      writeOut: () => undefined,
      writeErr: () => undefined,
    });
  });
  return program;
}

export function everyCommand(
  program: Program,
  visit: (command: Program, name: string) => void,
): void {
  const walk = (command: Program, name: string) => {
    visit(command, name);
    for (const child of command.commands) walk(child, `${name} ${child.name()}`);
  };
  walk(program, program.name());
}
