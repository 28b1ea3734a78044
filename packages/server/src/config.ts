import { dirname, join, resolve } from "node:path";
import { loadConfig } from "@sigil/cli/config";
import {
  currentPlatform,
  resolveMode,
  resolvePaths,
  type Env,
  type HostPaths,
  type Mode,
} from "@sigil/host";
import { authorityFiles, type AuthorityFiles } from "./ca/authority.ts";
import { serverSettingsSchema, type ServerSettings } from "./settings.ts";

/** The options every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly mode?: string;
}

/** Where this process finds and puts things. Precedence: flag > `SIGIL_*` > default (design §6). */
export type Config = {
  readonly mode: Mode;
  readonly env: Env;
  readonly home: string;
  readonly paths: HostPaths;
  /** server.yaml. */
  readonly file: string;
  /** It was named by flag or environment: it must exist. */
  readonly fileRequired: boolean;
  /** The server's own directory: stores, ca/, tls/. */
  readonly directory: string;
};

/** What a server's configuration comes to. */
export type ServerFiles = {
  readonly store: string;
  readonly registry: string;
  readonly authority: AuthorityFiles;
  /** Key and certificate that the server's own CA made for it, in one file so that they never part. */
  readonly ownCertificate: string;
};

/** @throws SIGIL_HOST_* when the mode is unknown or there is no home */
export function resolveConfig(flags: GlobalFlags, env: Env): Config {
  const platform = currentPlatform();
  const { mode } = resolveMode({ flag: flags.mode, env });
  // Not os.homedir(): without HOME it asks the name service, which may be on the network.
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const paths = resolvePaths({ platform, mode, env, home });
  const file = flags.config ?? (env["SIGIL_SERVER_CONFIG"] || undefined);
  const directory = flags.stateDir ?? (env["SIGIL_SERVER_STATE_DIR"] || undefined);
  return {
    mode,
    env,
    home,
    paths,
    file: file === undefined ? paths.serverConfig : resolve(file),
    fileRequired: file !== undefined,
    directory: directory === undefined ? paths.server : resolve(directory),
  };
}

/** @throws SIGIL_CONFIG_* */
export function loadSettings(config: Config): ServerSettings {
  return loadConfig(config.file, serverSettingsSchema, config.fileRequired);
}

export function filesOf(config: Config, settings: ServerSettings): ServerFiles {
  const { directory } = config;
  const store = besideConfig(config, settings.store.file) ?? join(directory, "server.db");
  return {
    store,
    registry: join(directory, "registry.db"),
    authority: authorityFiles(directory),
    ownCertificate: join(directory, "tls", "server.pem"),
  };
}

/** A file that server.yaml names; a relative one lies beside it. */
export function besideConfig(config: Config, file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(dirname(config.file), file);
}
