import { fail } from "../errors.ts";
import { VERIFY_LIMITS, type Envelope, type PolicyEnvelope } from "../verify.ts";
import { readSealed, type SealedFile } from "../sign.ts";
import { readFile } from "./files.ts";

/** Room for what hosts would refuse: it can still be looked at. Bytes. */
const MAX_BYTES = 4 * VERIFY_LIMITS.delivery_max_bytes;

/** @throws SIGIL_SIGNER_FILE_UNREADABLE */
export function readSealedBytes(path: string): Buffer {
  return readFile(path, { max: MAX_BYTES });
}

/** Reads an envelope or a delivery; nothing of it is verified. @throws SIGIL_SIGNER_ENVELOPE_INVALID, _FILE_UNREADABLE */
export function loadSealed(path: string): SealedFile {
  const sealed = readSealed(readSealedBytes(path));
  if (typeof sealed !== "string") return sealed;
  throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${path}: ${sealed}`);
}

export function loadRoot(path: string): Envelope {
  const sealed = loadSealed(path);
  if (sealed.kind === "root") return sealed.envelope;
  throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${path} is no trust root but a ${sealed.kind}`);
}

export function loadPolicy(path: string): PolicyEnvelope {
  const sealed = loadSealed(path);
  if (sealed.kind === "policy") return sealed.envelope;
  throw fail("SIGIL_SIGNER_ENVELOPE_INVALID", `${path} is no signed policy but a ${sealed.kind}`);
}
