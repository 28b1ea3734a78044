import { Option } from "commander";

/** An option that may be given again. */
export function repeated(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, all: readonly string[] | undefined) => [
    ...(all ?? []),
    value,
  ]);
}

export const KEY_OPTION = () =>
  repeated("--key <file>", "secret key to sign with; may be repeated").makeOptionMandatory();

export const PASSPHRASE_OPTION = () =>
  new Option(
    "--passphrase-file <file>",
    "file with the passphrase on its first line (SIGIL_SIGN_PASSPHRASE_FILE)",
  );

export const OUT_OPTION = () => new Option("--out <file>", "where to write it (default: stdout)");

export const JSON_OPTION = () => new Option("--json", "print JSON");
