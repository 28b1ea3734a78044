import type { Command } from "commander";

/** Makes a commander action of a command's code, and keeps its exit code. */
export type Act = <Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<number> | number,
) => (...args: Args) => Promise<void>;

/** Adds commands to the program. */
export type Define = (program: Command, act: Act) => void;
