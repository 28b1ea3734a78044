import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
// oxlint-disable-next-line import/no-unassigned-import -- the library next to it does not load without
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { hostUri } from "@sigil/core/plain";
import type { Authority, IssuedPair, IssueOptions } from "./ca.ts";

const HOUR = 3_600_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export async function makeAuthority(commonName: string): Promise<Authority> {
  const keys = await newKeys();
  const name = `CN=${commonName} ${randomBytes(4).toString("hex")}`;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    serialNumber: newSerial(),
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 48 * HOUR),
    notAfter: new Date(Date.now() + 30 * 24 * HOUR),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issue = (subject: string, usage: string, names: x509.JsonGeneralNames, how: IssueOptions) =>
    issueLeaf({ keys, name }, { subject, usage, names }, how);
  return {
    caPem: pem(ca.toString("pem")),
    caKeyPem: await keyPem(keys.privateKey),
    issueHost(hostId, how = {}) {
      const names = (how.uri ?? [hostUri(hostId)]).map(
        (value) => ({ type: "url", value }) as const,
      );
      return issue("CN=sigil host", x509.ExtendedKeyUsage.clientAuth, names, how);
    },
    issueServer(names = ["localhost", "127.0.0.1", "::1"], how = {}) {
      const sans = names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
      return issue("CN=sigil server", x509.ExtendedKeyUsage.serverAuth, sans, how);
    },
  };
}

async function issueLeaf(
  issuer: { readonly keys: webcrypto.CryptoKeyPair; readonly name: string },
  leaf: { readonly subject: string; readonly usage: string; readonly names: x509.JsonGeneralNames },
  options: IssueOptions,
): Promise<IssuedPair> {
  const keys = await newKeys();
  const serial = options.serial ?? newSerial();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.length % 2 === 0 ? serial : `0${serial}`,
    issuer: issuer.name,
    subject: leaf.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(options),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([leaf.usage]),
      ...(leaf.names.length > 0 ? [new x509.SubjectAlternativeNameExtension(leaf.names)] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certPem = pem(certificate.toString("pem"));
  return { certPem, keyPem: await keyPem(keys.privateKey), serial: plainSerial(serial) };
}

function validity(options: IssueOptions): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  const from = options.expired ? now - 24 * HOUR : options.notYet ? now + HOUR : now - HOUR;
  const until = options.expired ? now - HOUR : now + 24 * HOUR;
  return {
    notBefore: options.notBefore ?? new Date(from),
    notAfter: options.notAfter ?? new Date(until),
  };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return pem(x509.PemConverter.encode(der, "PRIVATE KEY"));
}

/** 16 bytes, positive. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function plainSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+(?=.)/, "");
}

function pem(text: string): string {
  return `${text.trimEnd()}\n`;
}
