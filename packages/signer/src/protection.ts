import { randomBytes, scryptSync } from "node:crypto";
import nacl from "tweetnacl";
import { z } from "zod";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { fail } from "./errors.ts";

/** What guessing a passphrase costs: 128 MiB and a good part of a second a guess. */
const COST = { n: 2 ** 17, r: 8, p: 1 } as const;
const SALT_BYTES = 32;
const MIB = 1024 * 1024;

/** Least characters of a passphrase. */
export const PASSPHRASE_MIN = 8;

/** A key file is not believed: one that asks for more than this would stop the machine. */
const powerOfTwo = z
  .int()
  .min(2 ** 14)
  .max(2 ** 20)
  .refine((n) => Number.isInteger(Math.log2(n)), "use a power of two");

export const protectionSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("scrypt-secretbox"),
    n: powerOfTwo,
    r: z.int().min(1).max(16),
    p: z.int().min(1).max(4),
    salt: z.string().max(128),
    nonce: z.string().max(64),
  }),
]);

export type Protection = z.output<typeof protectionSchema>;
type Scrypt = Extract<Protection, { kind: "scrypt-secretbox" }>;

/** Encrypts with a passphrase: scrypt (RFC 7914) makes the key of an XSalsa20-Poly1305 box. */
export function protect(
  secret: Uint8Array,
  passphrase: string,
): { readonly protection: Scrypt; readonly box: Uint8Array } {
  if (passphrase.length < PASSPHRASE_MIN)
    throw fail("SIGIL_SIGNER_PASSPHRASE_WEAK", `it has fewer than ${PASSPHRASE_MIN} characters`);
  const nonce = new Uint8Array(randomBytes(nacl.secretbox.nonceLength));
  const protection: Scrypt = {
    kind: "scrypt-secretbox",
    ...COST,
    salt: encodeBase64(randomBytes(SALT_BYTES)),
    nonce: encodeBase64(nonce),
  };
  const box = nacl.secretbox(secret, nonce, stretch(passphrase, protection));
  return { protection, box };
}

/** @throws SIGIL_SIGNER_PASSPHRASE_WRONG, SIGIL_SIGNER_KEY_INVALID */
export function unprotect(box: Uint8Array, passphrase: string, protection: Scrypt): Uint8Array {
  const nonce = decodeBase64(protection.nonce);
  if (nonce?.length !== nacl.secretbox.nonceLength)
    throw fail("SIGIL_SIGNER_KEY_INVALID", "the nonce of the key file is not valid");
  const secret = nacl.secretbox.open(box, nonce, stretch(passphrase, protection));
  if (secret === null)
    throw fail("SIGIL_SIGNER_PASSPHRASE_WRONG", "the passphrase does not open the key");
  return secret;
}

/** Typed on another keyboard, the same passphrase may come composed otherwise. */
function stretch(passphrase: string, { n, r, p, salt }: Scrypt): Uint8Array {
  const salted = decodeBase64(salt);
  if (salted === null || salted.length < 16)
    throw fail("SIGIL_SIGNER_KEY_INVALID", "the salt of the key file is not valid");
  const maxmem = 128 * n * r * p + 64 * MIB;
  const options = { N: n, r, p, maxmem };
  const text = passphrase.normalize("NFKC");
  return new Uint8Array(scryptSync(text, salted, nacl.secretbox.keyLength, options));
}
