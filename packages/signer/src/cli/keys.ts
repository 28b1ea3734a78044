import {
  KEY_FILE_MAX_BYTES,
  readPublicKey,
  readSecretKey,
  type PublicKey,
  type SecretKey,
} from "../key.ts";
import { fail } from "../errors.ts";
import { SigilError } from "@sigil/core/plain";
import { readFile } from "./files.ts";
import { passphraseFor } from "./passphrase.ts";

/**
 * Reads the secret keys of a command line; each asks for its own passphrase.
 * @throws SIGIL_SIGNER_KEY_*, SIGIL_SIGNER_PASSPHRASE_*, SIGIL_SIGNER_FILE_UNREADABLE
 */
export async function loadKeys(
  paths: readonly string[],
  passphraseFile: string | undefined,
): Promise<SecretKey[]> {
  const keys: SecretKey[] = [];
  for (const path of paths) keys.push(await loadKey(path, passphraseFile));
  return keys;
}

async function loadKey(path: string, passphraseFile: string | undefined): Promise<SecretKey> {
  const check = ({ mode }: { readonly mode: number }) => {
    // Windows has no such modes; there the file has the access its folder has.
    if (process.platform === "win32" || (mode & 0o077) === 0) return;
    const shown = (mode & 0o777).toString(8).padStart(4, "0");
    throw fail("SIGIL_SIGNER_KEY_EXPOSED", `${path} has mode ${shown}`);
  };
  const bytes = readFile(path, { max: KEY_FILE_MAX_BYTES, noFollow: true, check });
  return named(path, () => readSecretKey(bytes, () => passphraseFor(path, passphraseFile)));
}

/** @throws SIGIL_SIGNER_KEY_INVALID, SIGIL_SIGNER_FILE_UNREADABLE */
export async function loadPublicKey(path: string): Promise<PublicKey> {
  const bytes = readFile(path, { max: KEY_FILE_MAX_BYTES });
  return named(path, () => readPublicKey(bytes));
}

/** Which of several files it was. */
async function named<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SigilError) || error.message.includes(path)) throw error;
    const { code, message, hint, cause } = error;
    const options = { cause, ...(hint === undefined ? {} : { hint }) };
    throw new SigilError(code, `${path}: ${message}`, options);
  }
}
