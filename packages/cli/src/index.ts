/**
 * The manners that all four programs share: errors and exit codes, what goes to which stream, tables, units, progress.
 * `./command` is the command line itself, `./config` configuration files, `./doctor` checks, `./log` a program's own
 * log: subpaths, since each brings a library.
 *
 * It will not: know what any program does, read anything but the file it is told to, or open anything else.
 */
export { CLI_ERRORS, usageError, type CliErrorCode } from "./error.ts";
export * from "./exit.ts";
export * from "./interrupt.ts";
export * from "./output.ts";
export * from "./print.ts";
export * from "./progress.ts";
export * from "./table.ts";
export * from "./units.ts";
