import { X509Certificate } from "node:crypto";
import { dirname } from "node:path";
import { isIP } from "node:net";
import { fail } from "../errors.ts";
import { makeDirectory, replaceFile } from "../files.ts";
import type { Authority } from "./authority.ts";
import { newKeyPair } from "./keys.ts";
import { x509 } from "./x509.ts";

/** What a server is called that is on this machine only. */
export const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** A DNS name (its first label may be `*`) or an IP address. */
export function isServerName(name: string): boolean {
  if (isIP(name) > 0) return true;
  const labels = name.replace(/^\*\./, "").split(".");
  return name.length <= 253 && labels.every((label) => LABEL.test(label));
}

/**
 * Gives the server a new key and a certificate of its own CA, in one file.
 * @throws SIGIL_SERVER_NAME
 */
export async function issueServerCertificate(
  authority: Pick<Authority, "issueServer">,
  server: { readonly file: string; readonly names: readonly string[]; readonly days: number },
): Promise<{ readonly serial: string; readonly notAfter: string }> {
  const bad = server.names.find((name) => !isServerName(name));
  if (bad !== undefined)
    throw fail("SIGIL_SERVER_NAME", `${JSON.stringify(bad)} is no DNS name and no IP address`);
  const { publicKey, keyPem } = await newKeyPair();
  const { names, days } = server;
  const { certPem, serial, notAfter } = await authority.issueServer({ names, publicKey, days });
  makeDirectory(dirname(server.file), 0o700);
  replaceFile(server.file, certPem + keyPem, 0o600);
  return { serial, notAfter };
}

/** The names a server's certificate is for. */
export function serverNamesOf(certPem: string): string[] {
  const certificate = new x509.X509Certificate(new X509Certificate(certPem).raw);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.filter(({ type }) => type === "dns" || type === "ip").map(({ value }) => value);
}
