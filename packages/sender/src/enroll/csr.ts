import { webcrypto } from "node:crypto";
// oxlint-disable-next-line import/no-unassigned-import -- the library below does not load without
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { hostUri } from "@sigil/core/plain";

/** A new key, and a request for a certificate of it. PEM. */
export type KeyAndRequest = { readonly keyPem: string; readonly csrPem: string };

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Makes a P-256 key and a PKCS #10 request whose one name is the host's SAN URI. */
export async function createRequest(hostId: string): Promise<KeyAndRequest> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=sigil host",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: hostUri(hostId) }]),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    keyPem: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
    csrPem: `${request.toString("pem")}\n`,
  };
}
