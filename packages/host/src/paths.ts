import { createHash } from "node:crypto";
import { posix, win32 } from "node:path";
import { hostError } from "./error.ts";
import type { Mode } from "./mode.ts";
import { type Env, type Platform, envValue } from "./platform.ts";
import { isDrivePath } from "./win32.ts";

/** Absolute, platform-native paths (design §4). Nothing here says that any of them exists. */
export type HostPaths = {
  readonly configDir: string;
  readonly stateDir: string;
  /** Directory of the control socket; on Windows, whose pipes have none, the state directory. */
  readonly runtimeDir: string;
  readonly policy: string;
  readonly trust: string;
  /** Directory of the spool's segments. */
  readonly spool: string;
  /** The SQLite file. */
  readonly state: string;
  /** File of the random host id (strategy `uuid`). */
  readonly hostId: string;
  /** Socket, or on Windows a pipe name. */
  readonly control: string;
  readonly senderConfig: string;
  /** Directory of the sender's checkpoint, quarantine and lock. */
  readonly sender: string;
  readonly serverConfig: string;
  /** Directory of server.db and ca/. */
  readonly server: string;
  /** Directory of certificates and keys. */
  readonly tls: string;
};

export type PathInput = {
  readonly platform: Platform;
  readonly mode: Mode;
  readonly env: Env;
  /** Needed in user mode only. */
  readonly home?: string | undefined;
};

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, each with a final NUL; the smaller rules. */
export const SOCKET_PATH_BYTES = 103;

/**
 * System mode has fixed paths. User mode follows the XDG Base Directory Specification on Linux
 * and macOS alike: a variable that is unset, empty or relative is ignored for its default under
 * `home`, and without XDG_RUNTIME_DIR the socket is in the state directory. On Windows a set XDG
 * variable counts too (only with a drive letter); otherwise everything is in
 * %LOCALAPPDATA%\Sigil, else `home`\AppData\Local\Sigil.
 * @throws SIGIL_HOST_HOME_INVALID when a default is needed and `home` is not absolute.
 */
export function resolvePaths(input: PathInput): HostPaths {
  if (input.platform === "windows") {
    return input.mode === "system" ? windowsSystem(input.env) : windowsUser(input);
  }
  return input.mode === "system" ? posixSystem(input.platform) : posixUser(input);
}

/**
 * @throws SIGIL_HOST_SOCKET_PATH_TOO_LONG over 103 bytes of UTF-8. Windows pipe names have no
 * such limit and always pass.
 */
export function checkSocketPath(path: string, platform: Platform): void {
  if (platform === "windows") return;
  const bytes = Buffer.byteLength(path, "utf8");
  if (bytes <= SOCKET_PATH_BYTES) return;
  throw hostError(
    "SIGIL_HOST_SOCKET_PATH_TOO_LONG",
    `${path} has ${bytes} bytes; a socket path may have ${SOCKET_PATH_BYTES}`,
    { context: { bytes, max: SOCKET_PATH_BYTES } },
  );
}

function posixSystem(platform: Platform): HostPaths {
  const runtimeDir = platform === "macos" ? "/var/run/sigil" : "/run/sigil";
  return {
    ...configFiles("/etc/sigil", posix.join),
    ...stateFiles("/var/lib/sigil", posix.join),
    spool: "/var/spool/sigil/events",
    sender: "/var/lib/sigil-sender",
    server: "/var/lib/sigil-server",
    runtimeDir,
    control: `${runtimeDir}/control.sock`,
  };
}

function posixUser(input: PathInput): HostPaths {
  const xdg = (name: string): string | null => {
    const value = envValue(input.env, name, input.platform);
    return value !== undefined && posix.isAbsolute(value) ? posix.join(value, "sigil") : null;
  };
  const configDir = xdg("XDG_CONFIG_HOME") ?? posix.join(posixHome(input), ".config/sigil");
  const stateDir = xdg("XDG_STATE_HOME") ?? posix.join(posixHome(input), ".local/state/sigil");
  const runtimeDir = xdg("XDG_RUNTIME_DIR") ?? stateDir;
  return {
    ...configFiles(configDir, posix.join),
    ...stateFiles(stateDir, posix.join),
    runtimeDir,
    control: posix.join(runtimeDir, "control.sock"),
  };
}

function windowsSystem(env: Env): HostPaths {
  const data = envValue(env, "ProgramData", "windows");
  const dir = win32.join(
    data !== undefined && isDrivePath(data) ? data : "C:\\ProgramData",
    "Sigil",
  );
  return {
    ...configFiles(dir, win32.join),
    ...stateFiles(dir, win32.join),
    runtimeDir: dir,
    control: "\\\\.\\pipe\\sigil-control",
  };
}

function windowsUser(input: PathInput): HostPaths {
  const drive = (name: string): string | null => {
    const value = envValue(input.env, name, "windows");
    return value !== undefined && isDrivePath(value) ? value : null;
  };
  const local = (): string =>
    drive("LOCALAPPDATA") ?? win32.join(windowsHome(input), "AppData\\Local");
  const configHome = drive("XDG_CONFIG_HOME");
  const stateHome = drive("XDG_STATE_HOME");
  const configDir = win32.join(configHome ?? local(), configHome === null ? "Sigil" : "sigil");
  const stateDir = win32.join(stateHome ?? local(), stateHome === null ? "Sigil" : "sigil");
  return {
    ...configFiles(configDir, win32.join),
    ...stateFiles(stateDir, win32.join),
    runtimeDir: stateDir,
    control: `\\\\.\\pipe\\sigil-control-${pipeSuffix(stateDir)}`,
  };
}

type Join = (...parts: string[]) => string;

function configFiles(dir: string, join: Join) {
  return {
    configDir: dir,
    policy: join(dir, "policy.yaml"),
    trust: join(dir, "trust.json"),
    senderConfig: join(dir, "sender.yaml"),
    serverConfig: join(dir, "server.yaml"),
    tls: join(dir, "tls"),
  };
}

function stateFiles(dir: string, join: Join) {
  return {
    stateDir: dir,
    spool: join(dir, "events"),
    state: join(dir, "state.db"),
    hostId: join(dir, "host-id"),
    sender: join(dir, "sender"),
    server: join(dir, "server"),
  };
}

/** Pipe names are one flat space for the machine: users' agents must not meet in it. */
function pipeSuffix(stateDir: string): string {
  return createHash("sha256").update(stateDir.toLowerCase()).digest("hex").slice(0, 12);
}

function posixHome(input: PathInput): string {
  if (input.home !== undefined && posix.isAbsolute(input.home)) return input.home;
  throw noHome(input.home);
}

function windowsHome(input: PathInput): string {
  if (input.home !== undefined && isDrivePath(input.home)) return input.home;
  throw noHome(input.home);
}

function noHome(home: string | undefined) {
  const shown =
    home === undefined ? "no home directory is known" : `home is ${JSON.stringify(home)}`;
  return hostError("SIGIL_HOST_HOME_INVALID", shown);
}
