import { dirname, join, resolve } from "node:path";
import {
  currentPlatform,
  resolveMode,
  resolvePaths,
  type Env,
  type HostPaths,
  type Mode,
  type Platform,
} from "@sigil/host";

/** The options every command takes. */
export interface GlobalFlags {
  readonly policy?: string;
  readonly stateDb?: string;
  readonly eventsDir?: string;
  readonly trust?: string;
  readonly mode?: string;
}

export type ValueOrigin = "flag" | "environment" | "default";

/** Where this process finds and puts things, and who said so. Precedence: flag > `SIGIL_*` > default (design §6). */
export interface Config {
  readonly platform: Platform;
  readonly mode: Mode;
  readonly env: Env;
  readonly home: string;
  readonly paths: HostPaths;
  readonly origins: {
    readonly mode: ValueOrigin;
    readonly policy: ValueOrigin;
    readonly stateDb: ValueOrigin;
    readonly eventsDir: ValueOrigin;
    readonly trust: ValueOrigin;
  };
}

/** @throws SIGIL_HOST_* when the mode is unknown or there is no home */
export function resolveConfig(flags: GlobalFlags, env: Env): Config {
  const platform = currentPlatform();
  const mode = resolveMode({ ...(flags.mode === undefined ? {} : { flag: flags.mode }), env });
  // Not os.homedir(): without HOME it asks the name service, which may be on the network.
  const home = env["HOME"] ?? env["USERPROFILE"] ?? "";
  const base = resolvePaths({ platform, mode: mode.mode, env, home });
  const policy = choose(flags.policy, env["SIGIL_POLICY"], base.policy);
  const state = choose(flags.stateDb, env["SIGIL_STATE_DB"], base.state);
  const spool = choose(flags.eventsDir, env["SIGIL_EVENTS_DIR"], base.spool);
  const trust = choose(flags.trust, env["SIGIL_TRUST"], base.trust);
  return {
    platform,
    mode: mode.mode,
    env,
    home,
    paths: {
      ...base,
      policy: policy.value,
      state: state.value,
      spool: spool.value,
      trust: trust.value,
    },
    origins: {
      mode: mode.origin === "env" ? "environment" : mode.origin,
      policy: policy.origin,
      stateDb: state.origin,
      eventsDir: spool.origin,
      trust: trust.origin,
    },
  };
}

function choose(flag: string | undefined, variable: string | undefined, fallback: string) {
  if (flag !== undefined) return { value: resolve(flag), origin: "flag" as const };
  if (variable !== undefined && variable !== "")
    return { value: resolve(variable), origin: "environment" as const };
  return { value: fallback, origin: "default" as const };
}

/**
 * The directories that are this agent's alone. A state database put somewhere else shares its place with files that
 * may have to be watched: there it is only what stands in directories beside it.
 */
export function ownDirectories({ paths }: Config): string[] {
  const beside = dirname(paths.state);
  return [beside === paths.stateDir ? beside : join(beside, "canary"), paths.spool];
}
