import { existsSync, readdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { bytesText, durationText } from "@sigil/cli";
import { error, info, ok, warning, type Check, type Finding } from "@sigil/cli/doctor";
import { EXPECTED, inspectMode, type ExpectedMode } from "@sigil/host";
import { SigilError } from "@sigil/core/plain";
import { openAuthority } from "../ca/authority.ts";
import { serverNamesOf } from "../ca/server.ts";
import { endsSoon } from "../certificate.ts";
import { openRegistry } from "../registry/sqlite.ts";
import { readStore } from "../store/sqlite.ts";
import { storeOptions } from "../storing.ts";
import { readTls } from "../tls.ts";
import type { Facts } from "./facts.ts";

const DAY = 86_400_000;
const MIB = 1024 * 1024;
/** Below it the store may soon have no room. Bytes. */
const LITTLE_ROOM = 512 * MIB;

export const CHECKS: readonly Check<Facts>[] = [
  { id: "config", title: "Configuration", run: configuration },
  { id: "ca", title: "Certificate authority", run: authority },
  { id: "certificate", title: "Server certificate", run: certificate },
  { id: "modes", title: "Owners and modes", run: modes },
  { id: "registry", title: "Registry", run: registry },
  { id: "store", title: "Store", run: store },
  { id: "disk", title: "Disk room", run: disk },
];

async function configuration({ config, settings }: Facts): Promise<Finding> {
  const { listen, api } = settings;
  const open = [listen, api].filter(({ host }) => !isLoopback(host));
  const said = existsSync(config.file) ? config.file : "defaults";
  if (open.length === 0) return ok(`${said}; loopback only`);
  return ok(
    `${said}; listens on ${open.map(({ host, port }) => `${host} port ${port}`).join(" and ")}`,
  );
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

async function authority({ settings, files, now }: Facts): Promise<Finding> {
  if (settings.tls.client_ca_file !== undefined)
    return info("not used: hosts' certificates are of another CA (tls.client_ca_file)");
  try {
    const { notAfter } = await openAuthority(files.authority, () => now);
    const left = untilText(notAfter, now);
    if (notAfter - now < 365 * DAY)
      return warning(
        `ends in ${left}`,
        "every host must be enrolled again with another: docs/guide/recover.md",
      );
    return ok(`${files.authority.certificate}, ends in ${left}`);
  } catch (failure) {
    const isKeyless = failure instanceof SigilError && failure.code === "SIGIL_SERVER_CA_ABSENT";
    if (isKeyless && existsSync(files.authority.certificate))
      return info("its key is not here: hosts cannot be enrolled through this server");
    throw failure;
  }
}

async function certificate(facts: Facts): Promise<Finding> {
  const { config, settings, now } = facts;
  const { cert, notAfter, isOwn } = await readTls(config, settings, now);
  const names = serverNamesOf(cert).join(", ");
  const about = `for ${names}, ends in ${untilText(notAfter, now)}`;
  const soon = endsSoon(notAfter, { settings, now: () => now });
  if (!soon) return ok(about);
  return isOwn
    ? info(about, "a running server makes itself another")
    : warning(about, "renew it, then SIGHUP");
}

async function modes({ config, settings, files }: Facts): Promise<readonly Finding[]> {
  const wanted: readonly (readonly [string, ExpectedMode])[] = [
    [config.directory, EXPECTED.directory],
    [files.authority.directory, EXPECTED.directory],
    [files.authority.key, EXPECTED.secret],
    [files.registry, EXPECTED.secret],
    [files.store, EXPECTED.secret],
    ...(settings.tls.key_file === undefined
      ? [[files.ownCertificate, EXPECTED.secret] as const]
      : []),
  ];
  const reports = await Promise.all(wanted.map(([path, expected]) => inspectMode(path, expected)));
  const problems = reports.flatMap(({ path, problems: found }) =>
    found.map(({ text }) => warning(`${path} ${text}`)),
  );
  if (problems.length > 0) return problems;
  return [
    reports.some(({ observable }) => observable)
      ? ok("as they should be")
      : info("not observable here"),
  ];
}

async function registry({ files, now }: Facts): Promise<readonly Finding[]> {
  if (!existsSync(files.registry))
    return [info("none yet: `sigil-server run` or `ca issue` makes it")];
  const open = openRegistry(files.registry);
  try {
    const certificates = open.certificates({});
    const good = certificates.filter(
      ({ revoked_at, not_after }) => revoked_at === null && Date.parse(not_after) > now,
    );
    const counts = `${good.length} certificates good of ${certificates.length}, ${open.tokens().length} tokens`;
    const policies = open.policies().map(({ group }) => group);
    const published =
      policies.length === 0 ? "no policy published" : `policy for ${policies.join(", ")}`;
    return [ok(`${counts}, ${published}`)];
  } finally {
    open.close();
  }
}

async function store({ files, settings }: Facts): Promise<readonly Finding[]> {
  const aside = setAsideOf(files.store).map((path) =>
    warning(
      `a damaged store was set aside: ${path}`,
      "senders sent again what they still had; keep it or remove it: docs/guide/recover.md",
    ),
  );
  return [await storeNow(files.store, settings), ...aside];
}

/** Damaged stores that lie beside the one in use. */
function setAsideOf(file: string): readonly string[] {
  if (!existsSync(dirname(file))) return [];
  const start = `${basename(file)}.damaged-`;
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(start));
  return names
    .filter((name) => !/-(?:wal|shm)$/.test(name))
    .map((name) => join(dirname(file), name));
}

async function storeNow(file: string, settings: Facts["settings"]): Promise<Finding> {
  const open = readStore(storeOptions(file, settings));
  if (!open) return info("none yet: `sigil-server run` makes it");
  try {
    const { events, hosts, bytes } = await open.stats();
    return ok(`${events} events of ${hosts} hosts, ${bytesText(bytes)}`);
  } finally {
    await open.close();
  }
}

async function disk({ files }: Facts): Promise<Finding> {
  let directory = dirname(files.store);
  while (!existsSync(directory) && dirname(directory) !== directory) directory = dirname(directory);
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const text = `${bytesText(free)} free at ${directory}`;
  if (free >= LITTLE_ROOM) return ok(text);
  return free < LITTLE_ROOM / 8
    ? error(text, "without room nothing is acknowledged; retention.max_bytes bounds the store")
    : warning(text, "retention.max_bytes bounds the store");
}

function untilText(end: number, now: number): string {
  return durationText((end - now) / 1000);
}
