import { EXIT, print, printJson } from "@sigil/cli";
import { nodeFiles, whyUnread } from "@sigil/host";
import { createAuthority, openAuthority } from "../../ca/authority.ts";
import {
  isServerName,
  issueServerCertificate,
  LOOPBACK_NAMES,
  serverNamesOf,
} from "../../ca/server.ts";
import { filesOf, loadSettings } from "../../config.ts";
import { fail } from "../../errors.ts";
import type { CommandContext } from "../context.ts";

export interface InitFlags {
  readonly name: string;
  readonly days: number;
  readonly serverName?: readonly string[];
  readonly json?: boolean;
}

export interface ServerFlags {
  readonly name?: readonly string[];
  readonly days?: number;
  readonly json?: boolean;
}

/** `sigil-server ca init`: everything `run` needs. @throws SIGIL_SERVER_CA_EXISTS, SIGIL_SERVER_NAME */
export async function initCa({ config }: CommandContext, flags: InitFlags): Promise<number> {
  process.umask(0o027);
  const settings = loadSettings(config);
  const { authority: files, ownCertificate } = filesOf(config, settings);
  const names = [...new Set([...LOOPBACK_NAMES, ...(flags.serverName ?? [])])];
  const bad = names.find((name) => !isServerName(name));
  if (bad !== undefined)
    throw fail("SIGIL_SERVER_NAME", `${JSON.stringify(bad)} is no DNS name and no IP address`);
  await createAuthority(files, { name: flags.name, days: flags.days, now: Date.now() });
  const authority = await openAuthority(files, Date.now);
  const days = settings.certificates.server_days;
  const server = { file: ownCertificate, names, days };
  const { notAfter } = await issueServerCertificate(authority, server);
  const ca = { certificate: files.certificate, not_after: iso(authority.notAfter) };
  const made = { ca, server: { certificate: ownCertificate, names, not_after: notAfter } };
  if (flags.json) printJson(made);
  else {
    print(`CA       ${ca.certificate}, until ${ca.not_after}`);
    print(`server   ${ownCertificate}, until ${notAfter}, for ${names.join(", ")}`);
    print(`Give ${ca.certificate} to the senders; nobody but this server needs ${files.key}.`);
  }
  return EXIT.ok;
}

/** `sigil-server ca server`. @throws SIGIL_SERVER_CA_ABSENT, SIGIL_SERVER_CA_UNUSABLE, SIGIL_SERVER_NAME */
export async function renewServer({ config }: CommandContext, flags: ServerFlags): Promise<number> {
  process.umask(0o027);
  const settings = loadSettings(config);
  const { authority: files, ownCertificate } = filesOf(config, settings);
  const authority = await openAuthority(files, Date.now);
  const names = flags.name ?? (await presentNames(ownCertificate));
  const days = flags.days ?? settings.certificates.server_days;
  const { notAfter } = await issueServerCertificate(authority, {
    file: ownCertificate,
    names,
    days,
  });
  if (flags.json) printJson({ certificate: ownCertificate, names, not_after: notAfter });
  else print(`server   ${ownCertificate}, until ${notAfter}, for ${names.join(", ")}`);
  return EXIT.ok;
}

async function presentNames(file: string): Promise<readonly string[]> {
  const read = await nodeFiles().read(file);
  if (read.kind === "absent") return LOOPBACK_NAMES;
  if (read.kind === "read") return serverNamesOf(read.text);
  throw fail("SIGIL_SERVER_TLS", `cannot read ${file}: ${whyUnread(read)}`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
