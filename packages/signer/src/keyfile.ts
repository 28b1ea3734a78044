import { z } from "zod";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { equalBytes, json } from "./bytes.ts";
import { isUsableKey } from "./ed25519.ts";
import { fail } from "./errors.ts";
import { firstIssue, keyidSchema } from "./fields.ts";
import { keyFromSeed, keyidOf, SEED_BYTES, type PublicKey, type SecretKey } from "./keypair.ts";
import { protect, protectionSchema, unprotect } from "./protection.ts";

/** Largest key file read. Bytes. */
export const KEY_FILE_MAX_BYTES = 64 * 1024;

const secretSchema = z.strictObject({
  kind: z.literal("sigil-secret-key"),
  schema_version: z.literal(1),
  keyid: keyidSchema,
  public: z.string().max(64),
  protection: protectionSchema,
  /** The 32-byte seed, or the box around it. */
  secret: z.string().max(256),
});

const publicSchema = z.strictObject({
  kind: z.literal("sigil-public-key"),
  schema_version: z.literal(1),
  keyid: keyidSchema,
  algorithm: z.literal("ed25519"),
  public: z.string().max(64),
});

/**
 * The text of a secret key's file. It belongs in a file that only its owner can read.
 * @param passphrase null leaves the key as it is
 * @throws SIGIL_SIGNER_PASSPHRASE_WEAK
 */
export function secretKeyText(key: SecretKey, passphrase: string | null): string {
  const { protection, box } =
    passphrase === null
      ? { protection: { kind: "none" } as const, box: key.seed }
      : protect(key.seed, passphrase);
  return text({
    kind: "sigil-secret-key",
    schema_version: 1,
    keyid: key.keyid,
    public: encodeBase64(key.public),
    protection,
    secret: encodeBase64(box),
  });
}

/** The text of a public key's file, which a trust root is made from. */
export function publicKeyText(key: PublicKey): string {
  return text({
    kind: "sigil-public-key",
    schema_version: 1,
    keyid: key.keyid,
    algorithm: "ed25519",
    public: encodeBase64(key.public),
  });
}

function text(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Reads a secret key.
 * @param ask for the passphrase, only when the key needs one
 * @throws SIGIL_SIGNER_KEY_INVALID, SIGIL_SIGNER_PASSPHRASE_WRONG
 */
export async function readSecretKey(
  bytes: Uint8Array,
  ask: () => string | Promise<string>,
): Promise<SecretKey> {
  const parsed = secretSchema.safeParse(json(bytes));
  if (!parsed.success) throw invalid(`it is no secret key: ${firstIssue(parsed.error)}`);
  const { protection, secret, keyid } = parsed.data;
  const box = decodeBase64(secret);
  if (box === null) throw invalid("the secret is not base64");
  const seed = protection.kind === "none" ? box : unprotect(box, await ask(), protection);
  if (seed.length !== SEED_BYTES) throw invalid(`the secret is not ${SEED_BYTES} bytes long`);
  const key = keyFromSeed(seed);
  const named = decodeBase64(parsed.data.public);
  // A key that signs under another's name would be found out by every host, after the fact.
  if (key.keyid !== keyid || named === null || !equalBytes(named, key.public))
    throw invalid("the public key in it is another one's");
  return key;
}

/** Reads a public key, of the file of its own or of the secret key's. @throws SIGIL_SIGNER_KEY_INVALID */
export function readPublicKey(bytes: Uint8Array): PublicKey {
  const parsed = z.union([publicSchema, secretSchema]).safeParse(json(bytes));
  if (!parsed.success) throw invalid("it is no public key");
  const publicKey = decodeBase64(parsed.data.public);
  if (publicKey === null || !isUsableKey(publicKey)) throw invalid("it is no key that can be used");
  if (keyidOf(publicKey) !== parsed.data.keyid) throw invalid("it has another key's name");
  return { keyid: parsed.data.keyid, public: publicKey };
}

function invalid(message: string) {
  return fail("SIGIL_SIGNER_KEY_INVALID", message);
}
