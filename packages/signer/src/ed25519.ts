import { createPublicKey, verify } from "node:crypto";
import nacl from "tweetnacl";

/** Of the field, RFC 8032 §5.1. */
const P = 2n ** 255n - 19n;
/** Of the group. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** Of the curve -x² + y² = 1 + dx²y². */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** The y of a point of order 8; the others of that order differ in the signs of x and y. */
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The eight points whose order divides the cofactor have these y: under such a key one signature fits many messages. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, ORDER_8, P - ORDER_8]);

const PUBLIC_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/**
 * Whether a signature is one, read as strictly as it can be: tweetnacl alone takes S + L for S, keys of small order and
 * points written in a second way, so that one signature has several spellings (ed25519-speccheck). Node's own
 * implementation must agree; being the faster one it goes first, so a heap of wrong signatures costs little.
 */
export function verifyStrict(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (!isStrictlyWritten(signature, publicKey)) return false;
  if (!nodeVerifies(message, signature, publicKey)) return false;
  return nacl.sign.detached.verify(message, signature, publicKey);
}

/** S below L, R and A in their only spelling and of large order: what no signature made by this product lacks. */
export function isStrictlyWritten(signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_BYTES) return false;
  if (littleEndian(signature.subarray(32)) >= L) return false;
  return isStrictPoint(signature.subarray(0, 32)) && isStrictPoint(publicKey);
}

/** What comes before the 32 bytes of a key in its SubjectPublicKeyInfo, RFC 8410. */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

function nodeVerifies(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const der = Buffer.concat([SPKI_HEAD, publicKey]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, message, key, signature);
}

/** Whether these 32 bytes can be a key at all: a canonical point of the curve, of large order. */
export function isUsableKey(publicKey: Uint8Array): boolean {
  return publicKey.length === PUBLIC_BYTES && isStrictPoint(publicKey) && isOnCurve(publicKey);
}

/** Canonical: y below p (x = 0 with its sign set has y = ±1, which is of small order). */
function isStrictPoint(bytes: Uint8Array): boolean {
  const y = yOf(bytes);
  return y < P && !SMALL_ORDER_Y.has(y);
}

/** x² = (y² - 1) / (dy² + 1) has a root: Euler's criterion, on numerator times denominator. */
function isOnCurve(bytes: Uint8Array): boolean {
  const square = yOf(bytes) ** 2n % P;
  const product = ((square - 1n) * (D * square + 1n)) % P;
  return power(product, (P - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = ((base % P) + P) % P;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

/** The y of an encoded point; the highest bit is the sign of x. */
function yOf(bytes: Uint8Array): bigint {
  return littleEndian(bytes) & (2n ** 255n - 1n);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
