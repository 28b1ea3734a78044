import { hostname, release, userInfo, version } from "node:os";
import { parseSystemVersion } from "./darwin.ts";
import { hostError } from "./error.ts";
import { type FileReader, textOf } from "./file.ts";
import { parseOsRelease } from "./linux.ts";

export type Platform = "linux" | "macos" | "windows";

/** Environment variables as `process.env` gives them. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What Node.js knows about the machine without asking a file or a command. */
export interface SystemFacts {
  hostname(): string;
  /** `process.arch`: `x64`, `arm64`, … */
  arch(): string;
  /** Kernel release, as `uname -r`. */
  kernel(): string;
  /** Product name as the kernel reports it; on Windows the edition, such as `Windows 11 Pro`. */
  version(): string;
  /** Login name, or `uid:N` for a uid without an account. */
  user(): string;
}

export type OsRelease = {
  /** Product and version for a person, at most 128 printable characters. */
  readonly os_release: string;
  readonly kernel: string;
};

const PLATFORMS: Readonly<Record<string, Platform>> = {
  linux: "linux",
  darwin: "macos",
  win32: "windows",
};

/** @throws SIGIL_HOST_PLATFORM_UNSUPPORTED on any other operating system. */
export function currentPlatform(name: string = process.platform): Platform {
  const platform = Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name] : undefined;
  if (platform !== undefined) return platform;
  throw hostError("SIGIL_HOST_PLATFORM_UNSUPPORTED", `unknown operating system ${name}`);
}

/** Looks a variable up; on Windows names are case-insensitive. An empty value counts as unset. */
export function envValue(env: Env, name: string, platform: Platform): string | undefined {
  const exact = env[name];
  if (exact !== undefined) return exact === "" ? undefined : exact;
  if (platform !== "windows") return undefined;
  const wanted = name.toLowerCase();
  const found = Object.entries(env).find(([key]) => key.toLowerCase() === wanted)?.[1];
  return found === "" ? undefined : found;
}

export function nodeSystem(): SystemFacts {
  return { hostname, arch: () => process.arch, kernel: release, version, user: userName };
}

/** The product name (os-release, SystemVersion.plist or the Windows edition) and the kernel. */
export async function osRelease(input: {
  readonly platform: Platform;
  readonly files: FileReader;
  readonly system: SystemFacts;
}): Promise<OsRelease> {
  const name = printable(await productName(input));
  return { os_release: name, kernel: printable(input.system.kernel()) };
}

async function productName(input: {
  readonly platform: Platform;
  readonly files: FileReader;
  readonly system: SystemFacts;
}): Promise<string> {
  if (input.platform === "windows") return input.system.version();
  const sources = input.platform === "linux" ? LINUX_RELEASE : DARWIN_RELEASE;
  for (const path of sources.paths) {
    // os-release(5) is a link by specification, and its text only describes.
    const text = textOf(await input.files.read(path, { follow: true }));
    const name = text === null ? null : sources.parse(text);
    if (name !== null) return name;
  }
  return sources.fallback;
}

const LINUX_RELEASE = {
  paths: ["/etc/os-release", "/usr/lib/os-release"],
  parse: parseOsRelease,
  fallback: "Linux",
};

const DARWIN_RELEASE = {
  paths: ["/System/Library/CoreServices/SystemVersion.plist"],
  parse: parseSystemVersion,
  fallback: "macOS",
};

/** Keeps a hostile release file from putting control characters into events and terminals. */
function printable(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 128);
}

/**
 * Never by way of the system's name service where that is NSS: a lookup may ask LDAP or nscd, and the agent opens no
 * connection (design §1). What the environment says is a label, not an identity.
 */
function userName(): string {
  if (process.platform === "win32") return userInfo().username;
  const named = process.env["USER"] ?? process.env["LOGNAME"] ?? "";
  return named === "" ? `uid:${process.getuid?.() ?? "unknown"}` : named;
}
