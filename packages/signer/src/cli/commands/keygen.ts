import { rmSync } from "node:fs";
import { EXIT, print, printable, printJson, usageError } from "@sigil/cli";
import { generateKey, publicKeyText, secretKeyText, type SecretKey } from "../../key.ts";
import { createFile } from "../files.ts";
import { newPassphraseFor } from "../passphrase.ts";
import { note } from "../style.ts";

export interface KeygenFlags {
  readonly out: string;
  /** False with `--no-passphrase`. */
  readonly passphrase: boolean;
  readonly passphraseFile?: string;
  readonly json?: boolean;
}

/** `sigil-sign keygen`. */
export async function keygen(flags: KeygenFlags): Promise<number> {
  const { out, passphraseFile, json } = flags;
  if (!flags.passphrase && passphraseFile !== undefined)
    throw usageError("--no-passphrase and --passphrase-file exclude each other");
  const passphrase = flags.passphrase ? await newPassphraseFor(out, passphraseFile) : null;
  const key = generateKey();
  write(key, secretKeyText(key, passphrase), out);
  const encrypted = passphrase !== null;
  if (json) printJson({ keyid: key.keyid, secret_key: out, public_key: `${out}.pub`, encrypted });
  else print(`${key.keyid}  ${printable(out)}`);
  if (!encrypted) note(printable(`${out} is not encrypted: whoever reads it can sign`));
  return EXIT.ok;
}

/** Both files or none: half a pair would be in the way of the next attempt. */
function write(key: SecretKey, secret: string, out: string): void {
  createFile(out, secret, 0o600);
  try {
    createFile(`${out}.pub`, publicKeyText(key), 0o644);
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  }
}
