import type { Log } from "@sigil/cli/log";
import { messageOf, SigilError } from "@sigil/core/plain";
import { openAuthority, type Authority } from "./ca/authority.ts";
import { issueServerCertificate, serverNamesOf } from "./ca/server.ts";
import { filesOf, type Config } from "./config.ts";
import type { ServerSettings } from "./settings.ts";
import { readTls, type TlsMaterial } from "./tls.ts";

const DAY = 86_400_000;

export type CertificateDeps = {
  readonly config: Config;
  readonly settings: ServerSettings;
  readonly log: Pick<Log, "info" | "warn">;
  /** Wall time, milliseconds. */
  readonly now: () => number;
};

/**
 * What the server speaks TLS with; its own certificate is made anew when it ends soon, and also when it has ended: a
 * server that was off for long starts again.
 * @throws SIGIL_SERVER_TLS, SIGIL_SERVER_CA_ABSENT, SIGIL_SERVER_CA_UNUSABLE
 */
export async function currentTls(deps: CertificateDeps): Promise<TlsMaterial> {
  const { config, settings, now } = deps;
  // As if it were just made: whether it has ended is decided below.
  const present = await readTls(config, settings, 0);
  if (present.isOwn && endsSoon(present.notAfter, deps)) await renew(present, deps);
  return readTls(config, settings, now());
}

/** Not before half of its time is over, whatever the settings say: it would be made anew for ever. */
export function endsSoon(
  notAfter: number,
  { settings, now }: Pick<CertificateDeps, "settings" | "now">,
): boolean {
  const { server_days, renew_before_days } = settings.certificates;
  return notAfter - now() < Math.min(renew_before_days, server_days / 2) * DAY;
}

/** Without its CA's key the server keeps what it has, and says so. */
async function renew(present: TlsMaterial, deps: CertificateDeps): Promise<void> {
  const { config, settings, log, now } = deps;
  const files = filesOf(config, settings);
  try {
    const authority = await openAuthority(files.authority, now);
    const names = serverNamesOf(present.cert);
    const days = settings.certificates.server_days;
    const { notAfter } = await issueServerCertificate(authority, {
      file: files.ownCertificate,
      names,
      days,
    });
    log.info({ names, not_after: notAfter }, "made a new certificate for this server");
  } catch (error) {
    log.warn(`cannot make a new certificate for this server: ${messageOf(error)}`);
  }
}

/**
 * The CA that enrolls hosts; null where their certificates are another's, or the key is kept elsewhere.
 * @throws SIGIL_SERVER_CA_UNUSABLE
 */
export async function enrollingAuthority(
  tls: Pick<TlsMaterial, "isOwnClientCa">,
  { config, settings, log, now }: CertificateDeps,
): Promise<Authority | null> {
  if (!tls.isOwnClientCa) return null;
  try {
    return await openAuthority(filesOf(config, settings).authority, now);
  } catch (error) {
    if (!(error instanceof SigilError) || error.code !== "SIGIL_SERVER_CA_ABSENT") throw error;
    log.warn("the CA's key is not here: hosts cannot be enrolled through this server");
    return null;
  }
}
