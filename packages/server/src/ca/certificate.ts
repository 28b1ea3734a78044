import { isIP } from "node:net";
import type { webcrypto } from "node:crypto";
import { ALGORITHM, pemText } from "./keys.ts";
import { x509 } from "./x509.ts";

/** Clocks differ: a certificate is valid from a little before it was made. Milliseconds. */
const BACKDATE = 5 * 60_000;
const DAY = 86_400_000;

/** Who signs. */
export type Issuer = {
  readonly certificate: InstanceType<typeof x509.X509Certificate>;
  readonly key: webcrypto.CryptoKey;
};

/** What is signed. */
export type Leaf = {
  readonly use: "client" | "server";
  readonly serial: string;
  /** A SAN URI of a client; DNS names and IP addresses of a server. */
  readonly names: readonly string[];
  readonly publicKey: webcrypto.CryptoKey | ArrayBuffer;
  readonly now: number;
  readonly days: number;
};

/** @returns PEM; it ends no later than its issuer */
export async function issueLeaf(issuer: Issuer, leaf: Leaf): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: leaf.serial,
    issuer: issuer.certificate.subjectName.toJSON(),
    subject: [{ CN: [leaf.use === "client" ? "sigil host" : "sigil server"] }],
    publicKey: leaf.publicKey,
    signingKey: issuer.key,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(leaf.now - BACKDATE),
    notAfter: new Date(Math.min(leaf.now + leaf.days * DAY, issuer.certificate.notAfter.getTime())),
    extensions: await leafExtensions(issuer, leaf),
  });
  return pemText(certificate.toString("pem"));
}

async function leafExtensions(issuer: Issuer, leaf: Leaf) {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([leaf.use === "client" ? clientAuth : serverAuth]),
    new x509.SubjectAlternativeNameExtension(leaf.names.map((name) => sanOf(leaf.use, name))),
    await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
  ];
}

function sanOf(use: Leaf["use"], value: string) {
  if (use === "client") return { type: "url", value } as const;
  return { type: isIP(value) > 0 ? "ip" : "dns", value } as const;
}

/** What makes a CA of a key. */
export type Root = {
  readonly name: string;
  readonly serial: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly now: number;
  readonly days: number;
};

/** A self-signed CA that signs certificates of hosts and servers and no other CA. @returns PEM */
export async function issueRoot(root: Root): Promise<string> {
  const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [root.name] }],
    keys: root.keys,
    serialNumber: root.serial,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(root.now - BACKDATE),
    notAfter: new Date(root.now + root.days * DAY),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(root.keys.publicKey),
    ],
  });
  return pemText(certificate.toString("pem"));
}
