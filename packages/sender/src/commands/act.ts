import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** Makes a commander action of a command's code: hands it what the command line says, keeps its exit code. */
export type Act = <Args extends readonly unknown[]>(
  work: (context: CommandContext, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

/** Adds commands to the program. The code behind them is loaded when they run. */
export type Define = (program: Command, act: Act) => void;
