/**
 * Makes keys and the texts of their files, and reads them back.
 *
 * It will not: open a file, ask for a passphrase, or keep a key longer than its caller does.
 */
export {
  generateKey,
  keyFromSeed,
  keyidOf,
  SEED_BYTES,
  type PublicKey,
  type SecretKey,
} from "./keypair.ts";
export {
  KEY_FILE_MAX_BYTES,
  publicKeyText,
  readPublicKey,
  readSecretKey,
  secretKeyText,
} from "./keyfile.ts";
export { PASSPHRASE_MIN } from "./protection.ts";
