import { X509Certificate } from "node:crypto";

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

const HOST_URI = "sigil:host:";
/** As long as a host id may be in an event. Characters. */
const MAX_HOST_ID = 128;

/** The SAN URI that names a host: odd characters are percent-encoded (docs/specs/transport.md). */
export function hostUri(hostId: string): string {
  return HOST_URI + encodeURIComponent(hostId);
}

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
    hostId: hostIdOf(certificate.subjectAltName ?? ""),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    serial: certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, ""),
    subject: oneLine(certificate.subject ?? ""),
    issuer: oneLine(certificate.issuer ?? ""),
  };
}

/** A certificate that names two hosts names none: which of them it is would be anybody's choice. */
function hostIdOf(alternativeNames: string): string | null {
  try {
    const ids = uris(alternativeNames).filter((uri) => uri.startsWith(HOST_URI));
    const [only] = ids;
    if (only === undefined || ids.length > 1) return null;
    const id = decodeURIComponent(only.slice(HOST_URI.length));
    return id.length > 0 && id.length <= MAX_HOST_ID ? id : null;
  } catch {
    return null;
  }
}

/** Node.js quotes a name that holds a separator as a JSON string: a name cannot pass for two. */
const NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;

function uris(alternativeNames: string): string[] {
  return [...alternativeNames.matchAll(NAME)]
    .filter(([, kind]) => kind === "URI")
    .map(([, , value = ""]) => (value.startsWith('"') ? String(JSON.parse(value)) : value));
}

function oneLine(name: string): string {
  return name.split("\n").join(", ");
}
