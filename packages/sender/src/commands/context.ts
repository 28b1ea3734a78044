import { resolve } from "node:path";
import {
  currentPlatform,
  resolveMode,
  resolvePaths,
  type Env,
  type HostPaths,
  type Mode,
  type Platform,
} from "@sigil/host";
import type { ConfigRequest } from "../config.ts";

/** The options every command takes. */
export type GlobalFlags = {
  readonly config?: string;
  readonly eventsDir?: string;
  readonly stateDir?: string;
  readonly mode?: string;
};

/** What a command gets from the command line and the environment. */
export type CommandContext = {
  readonly platform: Platform;
  readonly mode: Mode;
  readonly env: Env;
  readonly paths: HostPaths;
  /** For `loadSenderConfig`; not every command needs a file that is valid. */
  readonly request: ConfigRequest;
};

/** @throws SIGIL_HOST_* when the mode is unknown or there is no home */
export function contextOf(flags: GlobalFlags, env: Env): CommandContext {
  const platform = currentPlatform();
  const { mode } = resolveMode({ ...(flags.mode === undefined ? {} : { flag: flags.mode }), env });
  // Not os.homedir(): without HOME it asks the name service, which may be on the network.
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const paths = resolvePaths({ platform, mode, env, home });
  const file = flags.config ?? named(env["SIGIL_SENDER_CONFIG"]);
  const eventsDir = flags.eventsDir ?? named(env["SIGIL_EVENTS_DIR"]);
  const stateDir = flags.stateDir ?? named(env["SIGIL_SENDER_STATE_DIR"]);
  const request: ConfigRequest = {
    file: resolve(file ?? paths.senderConfig),
    required: file !== undefined,
    paths,
    overrides: {
      ...(eventsDir === undefined ? {} : { eventsDir }),
      ...(stateDir === undefined ? {} : { stateDir }),
    },
  };
  return { platform, mode, env, paths, request };
}

/** An empty variable is one that is not set. */
function named(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
