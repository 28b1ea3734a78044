import { X509Certificate, createPrivateKey } from "node:crypto";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nodeFiles, whyUnread } from "@sigil/host";
import { errnoOf, messageOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { makeDirectory, syncDirectory, writeNew } from "../files.ts";
import { issueLeaf, issueRoot, type Issuer, type Leaf } from "./certificate.ts";
import { newKeyPair, signingKey } from "./keys.ts";
import { hostUri } from "@sigil/core/plain";
import { newSerial, plainSerial } from "./serial.ts";
import { x509 } from "./x509.ts";

/** Where a CA lies. */
export type AuthorityFiles = {
  readonly directory: string;
  readonly certificate: string;
  readonly key: string;
};

export function authorityFiles(serverDirectory: string): AuthorityFiles {
  const directory = join(serverDirectory, "ca");
  return { directory, certificate: join(directory, "ca.pem"), key: join(directory, "ca.key") };
}

/** A certificate as it was issued. `serial`: see `plainSerial`. */
export type Issued = {
  readonly certPem: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
};

/** The server's own CA, its key in memory. */
export interface Authority {
  readonly caPem: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  issueHost(host: {
    readonly hostId: string;
    readonly publicKey: Leaf["publicKey"];
    readonly days: number;
  }): Promise<Issued>;
  issueServer(server: {
    readonly names: readonly string[];
    readonly publicKey: Leaf["publicKey"];
    readonly days: number;
  }): Promise<Issued>;
}

/** Makes the CA: whole or not at all. @throws SIGIL_SERVER_CA_EXISTS */
export async function createAuthority(
  files: AuthorityFiles,
  ca: { readonly name: string; readonly days: number; readonly now: number },
): Promise<void> {
  const exists = () =>
    fail("SIGIL_SERVER_CA_EXISTS", `there is a CA in ${files.directory} already`);
  if (existsSync(files.directory)) throw exists();
  const { publicKey, privateKey, keyPem } = await newKeyPair();
  const keys = { publicKey, privateKey };
  const certificate = await issueRoot({ ...ca, serial: newSerial(), keys });
  const parent = dirname(files.directory);
  makeDirectory(parent);
  const half = mkdtempSync(join(parent, ".ca-"));
  try {
    writeNew(join(half, basename(files.certificate)), certificate, 0o644);
    writeNew(join(half, basename(files.key)), keyPem, 0o600);
    renameSync(half, files.directory);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    throw ["ENOTEMPTY", "EEXIST", "EPERM"].includes(errnoOf(error) ?? "") ? exists() : error;
  }
  syncDirectory(parent);
}

/** @throws SIGIL_SERVER_CA_ABSENT, SIGIL_SERVER_CA_UNUSABLE */
export async function openAuthority(files: AuthorityFiles, now: () => number): Promise<Authority> {
  const caPem = await readPart(files.certificate);
  const keyPem = await readPart(files.key, true);
  const issuer = issuerOf(files, caPem, keyPem);
  if (issuer.certificate.notAfter.getTime() <= now())
    throw fail("SIGIL_SERVER_CA_UNUSABLE", `the CA ${files.certificate} has expired`);
  const issue = async (leaf: Pick<Leaf, "use" | "names" | "publicKey" | "days">) =>
    describe(await issueLeaf(issuer, { ...leaf, serial: newSerial(), now: now() }));
  return {
    caPem,
    notAfter: issuer.certificate.notAfter.getTime(),
    issueHost: ({ hostId, publicKey, days }) =>
      issue({ use: "client", names: [hostUri(hostId)], publicKey, days }),
    issueServer: (server) => issue({ use: "server", ...server }),
  };
}

/** Only the certificate, for those who check what it signed. @throws SIGIL_SERVER_CA_ABSENT, SIGIL_SERVER_CA_UNUSABLE */
export async function readAuthorityPem(files: AuthorityFiles): Promise<string> {
  return readPart(files.certificate);
}

async function readPart(file: string, isSecret = false): Promise<string> {
  const read = await nodeFiles().read(file);
  if (read.kind === "absent") throw fail("SIGIL_SERVER_CA_ABSENT", `there is no ${file}`);
  if (read.kind !== "read")
    throw fail("SIGIL_SERVER_CA_UNUSABLE", `cannot read ${file}: ${whyUnread(read)}`);
  const isOpen = process.platform !== "win32" && (read.facts.mode & 0o077) !== 0;
  if (isSecret && isOpen)
    throw fail("SIGIL_SERVER_CA_UNUSABLE", `others than its owner can read ${file}`, {
      hint: `whoever read it can make certificates of any host; if nobody did: chmod 600 ${file}`,
    });
  return read.text;
}

function issuerOf(files: AuthorityFiles, caPem: string, keyPem: string): Issuer {
  try {
    const certificate = new X509Certificate(caPem);
    if (!certificate.ca) throw new Error("the certificate is not a CA's");
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem)))
      throw new Error("certificate and key do not belong together");
    return { certificate: new x509.X509Certificate(caPem), key: signingKey(keyPem) };
  } catch (error) {
    const message = `the CA in ${files.directory} cannot be used: ${messageOf(error)}`;
    throw fail("SIGIL_SERVER_CA_UNUSABLE", message, { cause: error });
  }
}

function describe(certPem: string): Issued {
  const { validFromDate, validToDate, serialNumber } = new X509Certificate(certPem);
  return {
    certPem,
    serial: plainSerial(serialNumber),
    notBefore: validFromDate.toISOString(),
    notAfter: validToDate.toISOString(),
  };
}
