import { InvalidArgumentError, type Command } from "commander";
import type { CommandContext } from "./context.ts";

/** Makes a commander action of a command's code: hands it what the command line says, keeps its exit code. */
export type Act = <Args extends readonly unknown[]>(
  work: (context: CommandContext, ...args: Args) => Promise<number>,
) => (...args: Args) => Promise<void>;

/** Adds commands to the program. The code behind them is loaded when they run. */
export type Define = (program: Command, act: Act) => void;

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
