import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { messageOf } from "@sigil/core/plain";
import {
  currentPlatform,
  formatMode,
  nodeFiles,
  ownedBySelfOrRoot,
  whyUnread,
  type FileFacts,
} from "@sigil/host";
import { fail } from "../errors.ts";
import { factsOf, parseCertificate, type CertificateFacts } from "./certificate.ts";

export type IdentityFiles = {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
};

/** A certificate with its key, and the authority servers are checked against. */
export type Material = {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  readonly facts: CertificateFacts;
};

/** A chain of certificates, or a bundle of authorities. Bytes. */
const MAX_BYTES = 256 * 1024;
/** Owner and group, as a service's group is given a key. */
const KEY_MODE = 0o640;

/**
 * Reads the three files and makes sure that they belong together. Links are followed: certificate managers swap whole
 * directories by them.
 * @throws SIGIL_SENDER_CERTIFICATE, SIGIL_SENDER_KEY, SIGIL_SENDER_KEY_MODE, SIGIL_SENDER_KEY_MISMATCH, SIGIL_SENDER_CA
 */
export async function loadMaterial(files: IdentityFiles): Promise<Material> {
  const [certPem, keyPem, caPem] = await Promise.all([
    readText(files.certificate, "SIGIL_SENDER_CERTIFICATE"),
    readKey(files.key),
    readText(files.ca, "SIGIL_SENDER_CA"),
  ]);
  const certificate = parseCertificate(certPem);
  if (!certificate)
    throw fail("SIGIL_SENDER_CERTIFICATE", `${files.certificate} holds no certificate`);
  if (!parseCertificate(caPem)) throw fail("SIGIL_SENDER_CA", `${files.ca} holds no certificate`);
  checkPair(certificate, parseKey(keyPem, files.key), files);
  return { certPem, keyPem, caPem, facts: factsOf(certificate) };
}

async function readText(
  path: string,
  code: "SIGIL_SENDER_CERTIFICATE" | "SIGIL_SENDER_CA",
): Promise<string> {
  const outcome = await nodeFiles().read(path, { maxBytes: MAX_BYTES, follow: true });
  if (outcome.kind === "read") return outcome.text;
  throw fail(code, `cannot read ${path}: ${whyUnread(outcome)}`);
}

async function readKey(path: string): Promise<string> {
  const outcome = await nodeFiles().read(path, { maxBytes: MAX_BYTES, follow: true });
  if (outcome.kind !== "read")
    throw fail("SIGIL_SENDER_KEY", `cannot read ${path}: ${whyUnread(outcome)}`);
  const problem = keyProblem(outcome.facts);
  if (problem !== null) throw fail("SIGIL_SENDER_KEY_MODE", `${path} ${problem}`);
  return outcome.text;
}

/** Who else could have this key. @returns null when nobody; modes are not observable on Windows */
function keyProblem(facts: FileFacts): string | null {
  if (currentPlatform() === "windows") return null;
  if (!ownedBySelfOrRoot(facts)) return `belongs to uid ${facts.uid}`;
  if ((facts.mode & ~KEY_MODE) === 0) return null;
  return `has mode ${formatMode(facts.mode)}, expected ${formatMode(KEY_MODE)} or stricter`;
}

function parseKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw fail("SIGIL_SENDER_KEY", `${path} holds no private key that can be used`, {
      // OpenSSL's words name the defect, never the key.
      context: { why: messageOf(error) },
    });
  }
}

function checkPair(certificate: X509Certificate, key: KeyObject, files: IdentityFiles): void {
  if (certificate.checkPrivateKey(key)) return;
  const message = `${files.key} is not the key of ${files.certificate}`;
  throw fail("SIGIL_SENDER_KEY_MISMATCH", message);
}
