import { createPrivateKey, X509Certificate } from "node:crypto";
import { nodeFiles, whyUnread } from "@sigil/host";
import { messageOf } from "@sigil/core/plain";
import { readAuthorityPem } from "./ca/authority.ts";
import { besideConfig, filesOf, type Config } from "./config.ts";
import { fail } from "./errors.ts";
import type { ServerSettings } from "./settings.ts";

/** All that both listeners need to speak TLS. PEM. */
export type TlsMaterial = {
  readonly cert: string;
  readonly key: string;
  /** Of the server's certificate, milliseconds since the epoch. */
  readonly notAfter: number;
  /** The server's certificate is its own CA's, which makes the next one too. */
  readonly isOwn: boolean;
  /** What hosts' certificates must be from. */
  readonly clientCa: string;
  /** Hosts' certificates are of the server's own CA. */
  readonly isOwnClientCa: boolean;
};

/**
 * Reads what the settings name, else what the server's own CA made.
 * @throws SIGIL_SERVER_TLS, SIGIL_SERVER_CA_ABSENT, SIGIL_SERVER_CA_UNUSABLE
 */
export async function readTls(
  config: Config,
  settings: ServerSettings,
  now: number,
): Promise<TlsMaterial> {
  const { certificate_file, key_file, client_ca_file } = settings.tls;
  const files = filesOf(config, settings);
  if ((certificate_file === undefined) !== (key_file === undefined))
    throw fail("SIGIL_SERVER_TLS", "tls.certificate_file and tls.key_file go together");
  const certificate = besideConfig(config, certificate_file);
  const clientCaFile = besideConfig(config, client_ca_file);
  const cert = await read(certificate ?? files.ownCertificate);
  const key = await readKey(besideConfig(config, key_file) ?? files.ownCertificate);
  const clientCa =
    clientCaFile === undefined ? await readAuthorityPem(files.authority) : await read(clientCaFile);
  if (clientCaFile !== undefined) parse(clientCa, clientCaFile);
  const leaf = parse(cert, certificate ?? files.ownCertificate);
  const material = {
    cert,
    key,
    notAfter: leaf.validToDate.getTime(),
    isOwn: certificate === undefined,
    clientCa,
    isOwnClientCa: clientCaFile === undefined,
  };
  check(leaf, key, now);
  return material;
}

function check(leaf: X509Certificate, key: string, now: number): void {
  let belongs: boolean;
  try {
    belongs = leaf.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw fail("SIGIL_SERVER_TLS", `the server's key cannot be used: ${messageOf(error)}`);
  }
  if (!belongs)
    throw fail("SIGIL_SERVER_TLS", "the server's certificate and key do not belong together");
  if (leaf.validToDate.getTime() <= now)
    throw fail(
      "SIGIL_SERVER_TLS",
      `the server's certificate ended at ${leaf.validToDate.toISOString()}`,
      {
        hint: "`sigil-server ca server` makes a new one of the server's own CA",
      },
    );
}

function parse(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw fail("SIGIL_SERVER_TLS", `${file} is no PEM certificate: ${messageOf(error)}`);
  }
}

/** Certificates are links wherever something renews them. */
async function read(file: string): Promise<string> {
  const outcome = await nodeFiles().read(file, { follow: true });
  if (outcome.kind === "read") return outcome.text;
  throw fail("SIGIL_SERVER_TLS", `cannot read ${file}: ${whyUnread(outcome)}`);
}

/** 0640 at most: a group may hold the key (ssl-cert), others may not. */
async function readKey(file: string): Promise<string> {
  const outcome = await nodeFiles().read(file, { follow: true });
  if (outcome.kind !== "read")
    throw fail("SIGIL_SERVER_TLS", `cannot read ${file}: ${whyUnread(outcome)}`);
  if (process.platform !== "win32" && (outcome.facts.mode & 0o027) !== 0)
    throw fail("SIGIL_SERVER_TLS", `others can read or change ${file}`, {
      hint: `chmod 640 ${file}`,
    });
  return outcome.text;
}
