import { alignColumns, EXIT, print, printJson, usageError } from "@sigil/cli";
import { isHostId } from "@sigil/core/plain";
import { nodeFiles, whyUnread } from "@sigil/host";
import { loadSenderConfig, type SenderConfig } from "../config.ts";
import { createRequest } from "../enroll/csr.ts";
import { findHostId } from "../enroll/host.ts";
import { checkIssued, installIdentity, refuseExisting } from "../enroll/install.ts";
import { postRequest } from "../enroll/post.ts";
import { fail } from "../errors.ts";
import { proxyFor } from "../sink/proxy.ts";
import type { CommandContext } from "./context.ts";
import { httpsUrl } from "./server.ts";

export type EnrollFlags = {
  readonly server: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly hostId?: string;
  readonly force?: boolean;
  readonly json?: boolean;
};

/** Bytes. */
const MAX_TOKEN_BYTES = 4096;
const MAX_CA_BYTES = 256 * 1024;

/**
 * `sigil-sender enroll`: the key never leaves this host; nothing is written until what was issued was checked.
 * @throws SIGIL_SENDER_ENROLL_*, SIGIL_SENDER_CA
 */
export async function enroll(context: CommandContext, flags: EnrollFlags): Promise<number> {
  const config = loadSenderConfig(context.request);
  const server = httpsUrl(flags.server, "https://sigil.example.com:8444");
  const token = await readToken(flags, context);
  if (!flags.force) await refuseExisting(config.certificates);
  const trusted = await readCa(flags, config);
  const hostId = checkHostId(flags.hostId) ?? (await findHostId(config));
  const { keyPem, csrPem } = await createRequest(hostId);
  const issued = await postRequest({
    server,
    token,
    csrPem,
    caPem: trusted,
    proxy: proxyFor(config.settings.server.proxy, server, context.env),
    timeoutMs: config.settings.timeout.request_ms,
  });
  const caPem = issued.ca ?? trusted;
  if (caPem === null)
    throw fail("SIGIL_SENDER_ENROLL_ANSWER", "the server names no authority to check it with", {
      hint: "give --ca with the authority of the server's certificate",
    });
  const identity = { certPem: issued.certificate, keyPem, caPem };
  const facts = checkIssued(identity, hostId);
  await installIdentity(config.certificates, identity, context.mode);
  report(config, flags, { hostId, serial: facts.serial, notAfter: facts.notAfter });
  return EXIT.ok;
}

function checkHostId(hostId: string | undefined): string | null {
  if (hostId === undefined) return null;
  if (isHostId(hostId)) return hostId;
  throw usageError(`--host-id ${JSON.stringify(hostId.slice(0, 200))} is no host id`, {
    hint: "1 to 128 characters without spaces, as in the agent's events",
  });
}

async function readToken(flags: EnrollFlags, { env }: CommandContext): Promise<string> {
  const text =
    flags.tokenFile === undefined ? env["SIGIL_ENROLL_TOKEN"] : await tokenIn(flags.tokenFile);
  const token = text?.trim() ?? "";
  // It goes into a header as it is.
  if (/^[\u0021-\u007e]+$/.test(token)) return token;
  throw usageError(token === "" ? "there is no token" : "the token has characters no token has", {
    hint: "give --token-file, or set SIGIL_ENROLL_TOKEN; `sigil-server token create --scope enroll` makes one",
  });
}

async function tokenIn(path: string): Promise<string> {
  const outcome = await nodeFiles().read(path, { maxBytes: MAX_TOKEN_BYTES, follow: true });
  if (outcome.kind === "read") return outcome.text;
  throw usageError(`cannot read ${path}: ${whyUnread(outcome)}`, {
    hint: "name the file that holds the token",
  });
}

/** @returns null when there is none: then the system's authorities are asked */
async function readCa(flags: EnrollFlags, config: SenderConfig): Promise<string | null> {
  const path = flags.ca ?? config.certificates.ca;
  const outcome = await nodeFiles().read(path, { maxBytes: MAX_CA_BYTES, follow: true });
  if (outcome.kind === "read") return outcome.text;
  if (outcome.kind === "absent" && flags.ca === undefined) return null;
  throw fail("SIGIL_SENDER_CA", `cannot read ${path}: ${whyUnread(outcome)}`);
}

type Enrolled = { readonly hostId: string; readonly serial: string; readonly notAfter: number };

function report(
  config: SenderConfig,
  flags: EnrollFlags,
  { hostId, serial, notAfter }: Enrolled,
): void {
  const until = new Date(notAfter).toISOString();
  const { certificate, key, ca } = config.certificates;
  if (flags.json) {
    printJson({ host_id: hostId, serial, not_after: until, certificate, key, ca });
    return;
  }
  const rows = [
    ["host", hostId],
    ["serial", serial],
    ["valid until", until],
    ["certificate", certificate],
    ["key", key],
    ["authority", ca],
  ];
  for (const line of alignColumns(rows)) print(line);
  if (config.server === null)
    process.stderr.write(`sigil-sender: set server.url in ${config.file}, then run sigil-sender\n`);
}
