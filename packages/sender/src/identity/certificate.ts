import { X509Certificate } from "node:crypto";
import { hostIn } from "@sigil/core/plain";

/** What the sender needs to know of a certificate. Times: milliseconds since the epoch. */
export type CertificateFacts = {
  /** From the one SAN URI `sigil:host:<id>`; null when there is none, or more than one. */
  readonly hostId: string | null;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  readonly subject: string;
  readonly issuer: string;
};

/** @returns null for a text that is no certificate */
export function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    hostId: hostIn(certificate.subjectAltName ?? ""),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    serial: certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, ""),
    subject: oneLine(certificate.subject ?? ""),
    issuer: oneLine(certificate.issuer ?? ""),
  };
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
