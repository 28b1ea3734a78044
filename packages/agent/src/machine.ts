import {
  commandRunner,
  hostFingerprint,
  hostId,
  identityReaders,
  listUsers,
  nodeFiles,
  nodeSystem,
  type HostFingerprint,
  type HostId,
} from "@sigil/host";
import type { EffectivePolicy, Home, HostIdStrategy } from "@sigil/core/plain";
import type { Config } from "./config.ts";

function readers(config: Config) {
  const { platform, env } = config;
  return {
    platform,
    files: nodeFiles(),
    run: commandRunner({ platform, env }),
    system: nodeSystem(),
  };
}

/** Who this host is, by the policy's strategy. @param create whether a missing random id may be made */
export function identify(
  config: Config,
  policy: EffectivePolicy,
  create: boolean,
): Promise<HostId> {
  return identifyBy(config, policy.hostIdStrategy.value, create);
}

/** Who this host is by one strategy. @param create whether a missing random id may be made */
export function identifyBy(
  config: Config,
  strategy: HostIdStrategy,
  create: boolean,
): Promise<HostId> {
  const from = identityReaders({ ...readers(config), uuidFile: config.paths.hostId, create });
  return hostId({ strategy, readers: from });
}

export function fingerprint(config: Config): Promise<HostFingerprint> {
  return hostFingerprint({ ...readers(config), mode: config.mode });
}

export interface HomeListing {
  readonly homes: readonly Home[];
  /** Accounts left out, and why; empty in user mode. */
  readonly problems: readonly string[];
}

/** What `~` means: this user's home, or in system mode each local account's (design §4). */
export async function homesOf(config: Config): Promise<HomeListing> {
  if (config.mode === "user") return { homes: [{ user: null, path: config.home }], problems: [] };
  const { platform, files, run } = readers(config);
  const passwd = config.env["SIGIL_PASSWD"];
  const source = { files, run, env: config.env, ...(passwd === undefined ? {} : { passwd }) };
  const listing = await listUsers({ platform, source });
  return {
    homes: listing.users.map((user) => ({ user: user.name, path: user.home })),
    problems: listing.problems,
  };
}
