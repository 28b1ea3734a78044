import { defineErrors, errorFactory, type SigilErrorOptions } from "@sigil/core/plain";

/** Failures of command lines and configuration files that all programs share. */
export const CLI_ERRORS = defineErrors({
  SIGIL_USAGE_INVALID: {
    summary: "The command line cannot be understood.",
    hint: "run the command with --help",
  },
  SIGIL_CONFIG_UNREADABLE: {
    summary: "The configuration file cannot be read.",
    hint: "check that the file exists, is a regular file and that this user may read it",
  },
  SIGIL_CONFIG_SYNTAX: {
    summary: "The configuration file is not valid YAML.",
    hint: "mend the line named",
  },
  SIGIL_CONFIG_UNKNOWN_KEY: {
    summary: "The configuration file has a key that does not exist.",
    hint: "check the spelling; packaging/etc/ has an example with every key",
  },
  SIGIL_CONFIG_INVALID: {
    summary: "The configuration file has a value that cannot be used.",
    hint: "packaging/etc/ has an example with every key, its range and its default",
  },
});

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Builds this package's failures. */
export const fail = errorFactory(CLI_ERRORS);

/** What is wrong with a command line. */
export function usageError(message: string, options: SigilErrorOptions = {}) {
  return fail("SIGIL_USAGE_INVALID", message, options);
}
