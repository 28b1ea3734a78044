import { defineErrors, errorFactory } from "@sigil/core/plain";

/** Failures of signing, and of a trust file that its own host cannot use. A refused delivery is no failure. */
export const SIGNER_ERRORS = defineErrors({
  SIGIL_TRUST_INVALID: {
    summary: "The trust file cannot be used.",
    hint: "install the file that `sigil-sign root trust` wrote, unchanged",
  },
  SIGIL_TRUST_UNREADABLE: {
    summary: "The trust file cannot be read.",
    hint: "check that the file exists, is a regular file and that this user may read it",
  },
  SIGIL_SIGNER_FILE_UNREADABLE: {
    summary: "A file named on the command line cannot be read.",
    hint: "check that the file exists, is a regular file and that this user may read it",
  },
  SIGIL_SIGNER_FILE_EXISTS: {
    summary: "A file that would be written is there already.",
    hint: "name another file; a key is never overwritten",
  },
  SIGIL_SIGNER_FILE_UNWRITABLE: {
    summary: "A file cannot be written.",
    hint: "check that its directory exists and that this user may write there",
  },
  SIGIL_SIGNER_KEY_INVALID: {
    summary: "A key file cannot be used.",
    hint: "secret keys and public keys are the files that `sigil-sign keygen` writes",
  },
  SIGIL_SIGNER_KEY_EXPOSED: {
    summary: "A secret key can be read by others.",
    hint: "chmod 600 the file, and make a new key if others may have read it",
  },
  SIGIL_SIGNER_PASSPHRASE_NEEDED: {
    summary: "A passphrase is needed and there is no terminal to ask on.",
    hint: "give --passphrase-file or SIGIL_SIGN_PASSPHRASE_FILE, or --no-passphrase with keygen",
  },
  SIGIL_SIGNER_PASSPHRASE_WEAK: {
    summary: "The passphrase is too short.",
    hint: "use eight characters or more; several random words are best",
  },
  SIGIL_SIGNER_PASSPHRASE_WRONG: {
    summary: "The passphrase does not open the key.",
    hint: "check the passphrase; if it is right, the key file was changed",
  },
  SIGIL_SIGNER_POLICY_INVALID: {
    summary: "The document to be signed is not valid.",
    hint: "mend the line named, or sign it as it is with --no-check",
  },
  SIGIL_SIGNER_ENVELOPE_INVALID: {
    summary: "A file is no envelope, trust root or delivery that can be used.",
    hint: "`sigil-sign inspect` shows what a file is",
  },
  SIGIL_SIGNER_ALREADY_SIGNED: {
    summary: "The envelope has a signature of this key already.",
    hint: "a key counts once: sign with another one",
  },
  SIGIL_SIGNER_ROOT_INVALID: {
    summary: "The trust root would not be valid.",
    hint: "each role needs at least one key, and a threshold from 1 to the number of its keys",
  },
  SIGIL_SIGNER_TOO_LARGE: {
    summary: "What would be signed is larger than hosts take.",
    hint: "the limits are in docs/specs/policy.md",
  },
});

export type SignerErrorCode = keyof typeof SIGNER_ERRORS;

/** Builds this package's failures. */
export const fail = errorFactory(SIGNER_ERRORS);
