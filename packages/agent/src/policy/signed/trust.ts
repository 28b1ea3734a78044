import { errorFactory } from "@sigil/core/plain";
import { SIGNER_ERRORS, VERIFY_LIMITS } from "@sigil/signer/plain";
import { readTrust, type Trust } from "@sigil/signer/verify";
import { readBounded } from "../../fs/read.ts";

/** The trust file the operator installed, and its bytes: another file means another trust. */
export interface InstalledTrust {
  readonly trust: Trust;
  readonly bytes: Buffer;
}

const fail = errorFactory(SIGNER_ERRORS);

/**
 * Reads trust.json.
 * @returns null when there is none: then nothing that is signed counts
 * @throws SIGIL_TRUST_UNREADABLE, SIGIL_TRUST_INVALID
 */
export function readTrustFile(path: string): InstalledTrust | null {
  const read = readBounded(path, VERIFY_LIMITS.trust_max_bytes);
  switch (read.kind) {
    case "absent":
      return null;
    case "read":
      return { trust: readTrust(read.bytes), bytes: read.bytes };
    case "too_large":
      throw fail("SIGIL_TRUST_UNREADABLE", `${path} has ${read.size} bytes, more than is read`);
    case "not_regular":
      throw fail("SIGIL_TRUST_UNREADABLE", `${path} is not a regular file`);
    case "unreadable":
      throw fail("SIGIL_TRUST_UNREADABLE", `cannot read ${path}: ${read.errno}`);
  }
}
