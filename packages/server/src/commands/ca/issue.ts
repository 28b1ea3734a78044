import { join } from "node:path";
import { EXIT, print, printJson, usageError } from "@sigil/cli";
import { nodeFiles, whyUnread } from "@sigil/host";
import { errnoOf } from "@sigil/core/plain";
import { openAuthority, type Issued } from "../../ca/authority.ts";
import { readRequest, type HostRequest } from "../../ca/csr.ts";
import { newKeyPair } from "../../ca/keys.ts";
import { isHostId } from "@sigil/core/plain";
import { filesOf, loadSettings } from "../../config.ts";
import { fail } from "../../errors.ts";
import { makeDirectory, writeNew } from "../../files.ts";
import type { CommandContext } from "../context.ts";
import { checkGroup, withRegistry } from "../registry.ts";

export interface IssueFlags {
  readonly host?: string;
  readonly csr?: string;
  readonly group: string;
  readonly days?: number;
  readonly outDir: string;
  readonly json?: boolean;
}

type Asked = Pick<HostRequest, "hostId"> & {
  readonly publicKey: Parameters<
    Awaited<ReturnType<typeof openAuthority>>["issueHost"]
  >[0]["publicKey"];
  /** Of a key that was made here. */
  readonly keyPem: string | null;
};

/**
 * `sigil-server ca issue`. The certificate counts once it is in the registry, which is before anything is written.
 * @throws SIGIL_SERVER_CA_*, SIGIL_SERVER_CSR, SIGIL_SERVER_NAME, SIGIL_SERVER_REGISTRY, SIGIL_SERVER_CERTIFICATE
 */
export async function issueHost(context: CommandContext, flags: IssueFlags): Promise<number> {
  const settings = loadSettings(context.config);
  const group = checkGroup(flags.group);
  const asked = await askedFor(flags);
  const authority = await openAuthority(filesOf(context.config, settings).authority, Date.now);
  const days = flags.days ?? settings.certificates.host_days;
  const issued = await authority.issueHost({ ...asked, days });
  await withRegistry(context, (registry) =>
    registry.addCertificate({
      serial: issued.serial,
      host_id: asked.hostId,
      group,
      not_before: issued.notBefore,
      not_after: issued.notAfter,
      issued_at: new Date().toISOString(),
    }),
  );
  const files = writeFiles(flags.outDir, issued, asked.keyPem, authority.caPem);
  const { serial, notAfter: not_after } = issued;
  const made = { host_id: asked.hostId, group, serial, not_after, files };
  if (flags.json) printJson(made);
  else {
    print(`${asked.hostId}  serial ${serial}, group ${group}, until ${not_after}`);
    for (const file of files) print(`  ${file}`);
  }
  return EXIT.ok;
}

async function askedFor(flags: IssueFlags): Promise<Asked> {
  if (flags.csr !== undefined) {
    const request = await readRequest(await readText(flags.csr));
    if (flags.host !== undefined && flags.host !== request.hostId)
      throw fail("SIGIL_SERVER_CSR", `the request is for ${request.hostId}, not for ${flags.host}`);
    return { ...request, keyPem: null };
  }
  if (flags.host === undefined) throw usageError("give --host or --csr");
  if (!isHostId(flags.host))
    throw fail("SIGIL_SERVER_NAME", `${JSON.stringify(flags.host)} is no host id`);
  const { publicKey, keyPem } = await newKeyPair();
  return { hostId: flags.host, publicKey, keyPem };
}

async function readText(file: string): Promise<string> {
  const read = await nodeFiles().read(file, { follow: true });
  if (read.kind === "read") return read.text;
  throw fail("SIGIL_SERVER_CSR", `cannot read ${file}: ${whyUnread(read)}`);
}

/** Named as a sender looks for them. Nothing is overwritten: the key of another host would be lost. */
function writeFiles(directory: string, issued: Issued, keyPem: string | null, caPem: string) {
  makeDirectory(directory, 0o700);
  const parts: [string, string, number][] = [
    ...(keyPem === null ? [] : ([["host.key", keyPem, 0o600]] as [string, string, number][])),
    ["host.pem", issued.certPem, 0o644],
    ["ca.pem", caPem, 0o644],
  ];
  return parts.map(([name, text, mode]) => {
    const file = join(directory, name);
    try {
      writeNew(file, text, mode);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      throw fail("SIGIL_SERVER_CERTIFICATE", `${file} exists and is not overwritten`, {
        hint: `certificate ${issued.serial} is registered but not written: revoke it, and issue again with --out-dir`,
      });
    }
    return file;
  });
}
