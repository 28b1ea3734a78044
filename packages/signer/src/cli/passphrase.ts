import { StringDecoder } from "node:string_decoder";
import { EXIT } from "@sigil/cli";
import { fail } from "../errors.ts";
import { readFile } from "./files.ts";

/** Largest passphrase file read. Bytes. */
const MAX_BYTES = 4096;

/** What typing needs of a terminal. */
export interface Terminal {
  readonly input: Pick<
    NodeJS.ReadStream,
    "isTTY" | "setRawMode" | "on" | "off" | "resume" | "pause"
  >;
  readonly output: Pick<NodeJS.WriteStream, "write">;
  /** Ends the program; Ctrl-C does not by itself while nothing is shown. */
  readonly interrupt: () => never;
}

/** Made when it is needed: a program that asks nothing leaves standard input alone. */
function ownTerminal(): Terminal {
  return { input: process.stdin, output: process.stderr, interrupt };
}

function interrupt(): never {
  process.exit(EXIT.interrupted);
}

/**
 * The passphrase of a key: from the file named, from that of SIGIL_SIGN_PASSPHRASE_FILE, else from the terminal.
 * @param path of the file, if one is named
 * @throws SIGIL_SIGNER_PASSPHRASE_NEEDED, SIGIL_SIGNER_FILE_UNREADABLE
 */
export async function passphraseFor(
  what: string,
  path: string | undefined,
  terminal: Terminal = ownTerminal(),
): Promise<string> {
  const file = path ?? (process.env["SIGIL_SIGN_PASSPHRASE_FILE"] || undefined);
  if (file !== undefined) return firstLine(readFile(file, { max: MAX_BYTES }).toString("utf8"));
  if (!terminal.input.isTTY)
    throw fail("SIGIL_SIGNER_PASSPHRASE_NEEDED", `the passphrase of ${what} is needed`);
  return askHidden(`passphrase of ${what}: `, terminal);
}

/** A new one, typed twice where it is typed. @throws as {@link passphraseFor}, SIGIL_SIGNER_PASSPHRASE_WRONG */
export async function newPassphraseFor(
  what: string,
  path: string | undefined,
  terminal: Terminal = ownTerminal(),
): Promise<string> {
  const first = await passphraseFor(what, path, terminal);
  if (path !== undefined || process.env["SIGIL_SIGN_PASSPHRASE_FILE"]) return first;
  if ((await askHidden("once more: ", terminal)) === first) return first;
  const hint = "type the same passphrase twice";
  throw fail("SIGIL_SIGNER_PASSPHRASE_WRONG", "the two passphrases differ", { hint });
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}

const ENTER = /^[\r\n]$/;
const ERASE = new Set(["\u007f", "\b"]);
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";

/** Asks without showing what is typed. */
export function askHidden(prompt: string, terminal: Terminal): Promise<string> {
  const { input, output } = terminal;
  output.write(prompt);
  input.setRawMode(true);
  input.resume();
  return new Promise((resolve) => {
    let typed: string[] = [];
    const end = () => {
      input.off("data", onData);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
    };
    const decoder = new StringDecoder("utf8");
    const onData = (data: Buffer) => {
      for (const char of decoder.write(data)) {
        if (char === CTRL_C) {
          end();
          terminal.interrupt();
        }
        if (ENTER.test(char) || char === CTRL_D) {
          end();
          resolve(typed.join(""));
          return;
        }
        if (ERASE.has(char)) typed.pop();
        else if (char === CTRL_U) typed = [];
        else typed.push(char);
      }
    };
    input.on("data", onData);
  });
}
