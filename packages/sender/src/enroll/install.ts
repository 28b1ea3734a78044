import { chown, lstat, mkdir, stat } from "node:fs/promises";
import { createPrivateKey } from "node:crypto";
import { dirname } from "node:path";
import type { Mode } from "@sigil/host";
import { writeAtomically } from "../atomic.ts";
import { fail } from "../errors.ts";
import { factsOf, parseCertificate, type CertificateFacts } from "../identity/certificate.ts";
import type { IdentityFiles } from "../identity/material.ts";

export type NewIdentity = {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
};

/**
 * What was issued must be for this key and this host, before anything is replaced.
 * @throws SIGIL_SENDER_ENROLL_ANSWER
 */
export function checkIssued(identity: NewIdentity, hostId: string): CertificateFacts {
  const certificate = parseCertificate(identity.certPem);
  if (!certificate) throw unusable("the certificate cannot be read");
  if (!certificate.checkPrivateKey(createPrivateKey(identity.keyPem)))
    throw unusable("the certificate is for another key");
  if (!parseCertificate(identity.caPem)) throw unusable("the authority cannot be read");
  const facts = factsOf(certificate);
  if (facts.hostId !== hostId)
    throw unusable(`the certificate is for ${facts.hostId ?? "no host"}, not for ${hostId}`);
  return facts;
}

/** @throws SIGIL_SENDER_ENROLL_EXISTS when one of the files is there */
export async function refuseExisting(files: IdentityFiles): Promise<void> {
  for (const file of [files.certificate, files.key]) {
    const isThere = await lstat(file).then(
      () => true,
      () => false,
    );
    if (isThere) throw fail("SIGIL_SENDER_ENROLL_EXISTS", `${file} is there already`);
  }
}

/**
 * Puts the files in place. The key comes first: a running sender keeps its old pair until certificate and key match.
 * In system mode the key is readable by the group of its directory, which is the sender's.
 */
export async function installIdentity(
  files: IdentityFiles,
  identity: NewIdentity,
  mode: Mode,
): Promise<void> {
  const durable = true;
  for (const file of [files.key, files.certificate, files.ca])
    await mkdir(dirname(file), { recursive: true, mode: mode === "system" ? 0o750 : 0o700 });
  await writeAtomically(files.ca, identity.caPem, { mode: 0o644, durable });
  const keyMode = mode === "system" ? 0o640 : 0o600;
  await writeAtomically(files.key, identity.keyPem, { mode: keyMode, durable });
  if (mode === "system") await giveToGroupOf(files.key);
  await writeAtomically(files.certificate, identity.certPem, { mode: 0o644, durable });
}

async function giveToGroupOf(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { gid } = await stat(dirname(file));
  await chown(file, 0, gid);
}

function unusable(why: string) {
  return fail("SIGIL_SENDER_ENROLL_ANSWER", why);
}
