import { X509Certificate } from "node:crypto";
import { EXIT, print, printJson, usageError } from "@sigil/cli";
import { nodeFiles, whyUnread } from "@sigil/host";
import { messageOf } from "@sigil/core/plain";
import { readAuthorityPem } from "../../ca/authority.ts";
import { plainSerial } from "../../ca/serial.ts";
import { besideConfig, filesOf, loadSettings } from "../../config.ts";
import { fail } from "../../errors.ts";
import { hostIn } from "@sigil/core/plain";
import type { IssuedCertificate } from "../../registry/model.ts";
import type { CommandContext } from "../context.ts";
import { printRows, shortTime } from "../print.ts";
import { checkGroup, withRegistry } from "../registry.ts";

export interface RevokeFlags {
  readonly host?: string;
  readonly why: string;
  readonly json?: boolean;
}

export interface AdoptFlags {
  readonly group: string;
  readonly json?: boolean;
}

/** `sigil-server ca revoke`. @returns 1 when there was nothing to revoke */
export async function revoke(
  context: CommandContext,
  serial: string | undefined,
  { host, why, json }: RevokeFlags,
): Promise<number> {
  if ((serial === undefined) === (host === undefined))
    throw usageError("give a serial number, or --host");
  const at = new Date().toISOString();
  const revoked = await withRegistry(context, (registry) => {
    const serials =
      serial === undefined
        ? registry.certificates({ host: host ?? "" }).map((one) => one.serial)
        : [plainSerial(serial)];
    return serials.filter((one) => registry.revoke(one, why, at));
  });
  if (json) printJson({ revoked });
  else if (revoked.length === 0) print("nothing to revoke: no such certificate, or revoked before");
  else for (const one of revoked) print(`revoked ${one}`);
  return revoked.length === 0 ? EXIT.negative : EXIT.ok;
}

/** `sigil-server ca adopt`: all of them or none. @throws SIGIL_SERVER_CERTIFICATE */
export async function adopt(
  context: CommandContext,
  files: readonly string[],
  flags: AdoptFlags,
): Promise<number> {
  const group = checkGroup(flags.group);
  const ca = await trustedCa(context);
  const certificates = await Promise.all(files.map((file) => readCertificate(file, ca)));
  const issued_at = new Date().toISOString();
  const known = await withRegistry(context, (registry) => {
    const isNew = ({ serial }: { serial: string }) =>
      registry.certificate(serial).kind === "unknown";
    const added = certificates.filter(isNew);
    for (const one of added) registry.addCertificate({ ...one, group, issued_at });
    return certificates.filter((one) => !added.includes(one));
  });
  const rows = certificates.map((one) => ({ ...one, group, adopted: !known.includes(one) }));
  if (flags.json) printJson(rows);
  else
    for (const { host_id, serial, adopted } of rows)
      print(`${adopted ? "adopted" : "known before"}  ${serial}  ${host_id}`);
  return EXIT.ok;
}

async function trustedCa({ config }: CommandContext): Promise<X509Certificate> {
  const settings = loadSettings(config);
  const file = besideConfig(config, settings.tls.client_ca_file);
  if (file === undefined)
    return new X509Certificate(await readAuthorityPem(filesOf(config, settings).authority));
  return new X509Certificate(await readText(file));
}

async function readCertificate(file: string, ca: X509Certificate) {
  const certificate = parse(file, await readText(file));
  if (!certificate.checkIssued(ca) || !certificate.verify(ca.publicKey))
    throw refused(file, "is not signed by the CA that this server trusts");
  const host_id = hostIn(certificate.subjectAltName ?? "");
  if (host_id === null) throw refused(file, "names no host, or more than one");
  return {
    serial: plainSerial(certificate.serialNumber),
    host_id,
    not_before: certificate.validFromDate.toISOString(),
    not_after: certificate.validToDate.toISOString(),
  };
}

function parse(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw refused(file, `is no PEM certificate: ${messageOf(error)}`);
  }
}

async function readText(file: string): Promise<string> {
  const read = await nodeFiles().read(file, { follow: true });
  if (read.kind === "read") return read.text;
  throw refused(file, `cannot be read: ${whyUnread(read)}`);
}

function refused(file: string, why: string) {
  return fail("SIGIL_SERVER_CERTIFICATE", `${file} ${why}`);
}

/** `sigil-server ca list`. */
export async function listCertificates(
  context: CommandContext,
  flags: { readonly json?: boolean; readonly host?: string },
): Promise<number> {
  const filter = flags.host === undefined ? {} : { host: flags.host };
  const all = await withRegistry(context, (registry) => registry.certificates(filter));
  printRows(flags.json, all, ["HOST", "GROUP", "UNTIL", "STATE", "SERIAL"], (at) => {
    const one = all[at] as IssuedCertificate;
    return [one.host_id, one.group, shortTime(one.not_after), stateOf(one), one.serial];
  });
  return EXIT.ok;
}

function stateOf({ revoked_at, revoked_why, not_after }: IssuedCertificate): string {
  if (revoked_at !== null) return `revoked ${shortTime(revoked_at)} (${revoked_why})`;
  return Date.parse(not_after) <= Date.now() ? "expired" : "good";
}
