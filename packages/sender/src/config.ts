import { resolve } from "node:path";
import { usageError } from "@sigil/cli";
import { loadConfig } from "@sigil/cli/config";
import type { HostPaths } from "@sigil/host";
import { fail } from "./errors.ts";
import { isServerUrl, senderSettingsSchema, type SenderSettings } from "./settings.ts";

/** What the command line and the environment say, above the file. */
export type ConfigOverrides = {
  readonly eventsDir?: string;
  readonly stateDir?: string;
  readonly server?: string;
};

/** Everything the sender is told, with its paths made absolute. */
export type SenderConfig = {
  /** The file it came from, whether or not it exists. */
  readonly file: string;
  readonly settings: SenderSettings;
  /** Null: none configured; see `serverOf`. */
  readonly server: URL | null;
  readonly certificates: {
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
  };
  /** The agent's spool; only read. */
  readonly spoolDir: string;
  /** The sender's own directory: checkpoint and lock of the stream `agent`, status, notes. */
  readonly stateDir: string;
  readonly quarantineDir: string;
  readonly notesDir: string;
  /** Checkpoint and lock of the stream `sender`. */
  readonly notesCheckpointDir: string;
  readonly notesQuarantineDir: string;
  readonly controlPath: string;
};

export type ConfigRequest = {
  readonly file: string;
  /** True when the file was named by somebody and must be there. */
  readonly required: boolean;
  readonly paths: HostPaths;
  readonly overrides?: ConfigOverrides;
};

/**
 * Reads `sender.yaml`.
 * @throws SIGIL_CONFIG_UNREADABLE, _SYNTAX, _UNKNOWN_KEY, _INVALID; SIGIL_USAGE_INVALID for overrides
 */
export function loadSenderConfig(request: ConfigRequest): SenderConfig {
  const { file, required } = request;
  return configOf(loadConfig(file, senderSettingsSchema, required), request);
}

/** Puts settings, paths of the mode and overrides together. */
export function configOf(settings: SenderSettings, request: ConfigRequest): SenderConfig {
  const { file, paths, overrides = {} } = request;
  const stateDir = resolve(overrides.stateDir ?? settings.state_dir ?? paths.sender);
  const url = overrides.server ?? settings.server.url;
  if (url !== undefined && !isServerUrl(url))
    throw usageError("the server must be an https:// URL without user, query or fragment");
  return {
    file,
    settings,
    server: url === undefined ? null : new URL(url),
    certificates: certificatesOf(settings, paths.tls),
    spoolDir: resolve(overrides.eventsDir ?? settings.spool_dir ?? paths.spool),
    stateDir,
    quarantineDir: resolve(stateDir, "quarantine"),
    notesDir: resolve(stateDir, "notes"),
    notesCheckpointDir: resolve(stateDir, "notes-checkpoint"),
    notesQuarantineDir: resolve(stateDir, "notes-quarantine"),
    controlPath: settings.control_path ?? paths.control,
  };
}

/** @throws SIGIL_SENDER_SERVER_MISSING */
export function serverOf(config: Pick<SenderConfig, "server" | "file">): URL {
  if (config.server !== null) return config.server;
  throw fail("SIGIL_SENDER_SERVER_MISSING", `${config.file} names no server`);
}

function certificatesOf({ server }: SenderSettings, tlsDir: string): SenderConfig["certificates"] {
  return {
    ca: resolve(server.ca_file ?? resolve(tlsDir, "ca.pem")),
    certificate: resolve(server.certificate_file ?? resolve(tlsDir, "host.pem")),
    key: resolve(server.key_file ?? resolve(tlsDir, "host.key")),
  };
}
