import { createPrivateKey, webcrypto, type KeyObject } from "node:crypto";
import { x509 } from "./x509.ts";

/** P-256: every TLS stack and hardware token knows it. */
export const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export type KeyPair = { readonly publicKey: webcrypto.CryptoKey; readonly keyPem: string };

export async function newKeyPair(): Promise<
  KeyPair & { readonly privateKey: webcrypto.CryptoKey }
> {
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]);
  const der = await webcrypto.subtle.exportKey("pkcs8", privateKey);
  return { publicKey, privateKey, keyPem: pemText(x509.PemConverter.encode(der, "PRIVATE KEY")) };
}

/** A P-256 signing key of PKCS #8 PEM. @throws when it is none */
export function signingKey(keyPem: string): webcrypto.CryptoKey {
  return createPrivateKey(keyPem).toCryptoKey(ALGORITHM, false, ["sign"]);
}

/** Smallest and largest RSA key taken, bits: below is weak, above costs a server more than a client. */
const RSA_BITS = { least: 2048, most: 4096 };

/** Why a host's public key is not taken, or null. */
export function keyProblem(key: KeyObject): string | null {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case "ec":
      if (namedCurve === "prime256v1" || namedCurve === "secp384r1") return null;
      return `curve ${namedCurve} is not taken: P-256 or P-384`;
    case "rsa": {
      const bits = modulusLength ?? 0;
      if (bits >= RSA_BITS.least && bits <= RSA_BITS.most) return null;
      return `an RSA key of ${bits} bits is not taken: ${RSA_BITS.least} to ${RSA_BITS.most}`;
    }
    default:
      return `a key of type ${key.asymmetricKeyType} is not taken: EC or RSA`;
  }
}

export function pemText(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
