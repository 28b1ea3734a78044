import { posix, win32 } from "node:path";
import { type Candidate, type SkipReason, type UserSource, candidates } from "./accounts.ts";
import type { FileReader } from "./file.ts";
import type { Platform } from "./platform.ts";
import { isDrivePath } from "./win32.ts";

export type HostUser = {
  readonly name: string;
  /** Null on Windows and where macOS did not say. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** Absolute, normalized, a directory when it was looked at. */
  readonly home: string;
};

export type UserListing = {
  readonly users: readonly HostUser[];
  readonly skipped: readonly { readonly name: string; readonly reason: SkipReason }[];
  /** For a person: sources that could not be read, so that users may be missing. */
  readonly problems: readonly string[];
};

export type UserLimits = {
  /** Bytes of the passwd file or of a tool's output; a larger one is not read in part. */
  readonly maxBytes: number;
  readonly maxUsers: number;
};

export const USER_LIMITS: UserLimits = { maxBytes: 4 * 1024 * 1024, maxUsers: 4096 };

/**
 * The people of this host, for per-user expansion in system mode.
 *
 * Only local accounts are seen: users that NSS, LDAP, Active Directory or systemd-homed provide
 * are in no file here, so policy names their homes (`extraHomes`; the owner of such a home is
 * taken from the directory). Never throws: an unreadable source is a `problem`.
 */
export async function listUsers(input: {
  readonly platform: Platform;
  readonly source: UserSource;
  readonly extraHomes?: readonly string[];
  readonly limits?: Partial<UserLimits>;
}): Promise<UserListing> {
  const limits = { ...USER_LIMITS, ...input.limits };
  const found = await candidates(input.platform, input.source, limits.maxBytes);
  const extra = (input.extraHomes ?? []).map((home) => extraCandidate(input.platform, home));
  const users: HostUser[] = [];
  const skipped = [...found.skipped];
  const homes = new Set<string>();
  // Policy's homes come first, so that a crowded passwd cannot push them out.
  for (const candidate of [...extra, ...found.candidates]) {
    const checked =
      users.length >= limits.maxUsers
        ? "over_limit"
        : await checkHome(candidate, input.platform, input.source.files, homes);
    if (typeof checked === "string") skipped.push({ name: candidate.name, reason: checked });
    else users.push(checked);
  }
  return { users, skipped, problems: found.problems };
}

async function checkHome(
  candidate: Candidate,
  platform: Platform,
  files: FileReader,
  homes: Set<string>,
): Promise<HostUser | SkipReason> {
  const shape = homeShape(candidate.home, platform);
  if (shape !== null) return shape;
  const home = normalize(candidate.home, platform);
  const key = platform === "linux" ? home : home.toLowerCase();
  if (homes.has(key)) return "duplicate_home";
  const facts = await files.directory(home);
  if (facts === null) return "missing_home";
  homes.add(key);
  const owner = candidate.extra && platform !== "windows" ? facts : candidate;
  return { name: candidate.name, uid: owner.uid, gid: owner.gid, home };
}

/** What is wrong with a home by its text alone. */
function homeShape(home: string, platform: Platform): SkipReason | null {
  if (/\p{Cc}/u.test(home)) return "malformed";
  // A name that is not UTF-8 has been replaced on the way: it would name another path.
  if (home.includes("\u{FFFD}")) return "undecodable_home";
  if (isRemote(home, platform)) return "remote_home";
  const absolute = platform === "windows" ? isDrivePath(home) : posix.isAbsolute(home);
  if (!absolute) return "relative_home";
  const root = platform === "windows" ? win32.parse(normalize(home, platform)).root : "/";
  return normalize(home, platform).toLowerCase() === root.toLowerCase() ? "root_directory" : null;
}

/** Merely looking at these makes the system connect to, or log on to, another machine. */
function isRemote(home: string, platform: Platform): boolean {
  if (platform === "windows") return /^[\\/]{2}/.test(home);
  return platform === "macos" && /^\/+(?:Network|net)\//.test(posix.normalize(home));
}

function normalize(home: string, platform: Platform): string {
  if (platform === "windows") {
    const path = win32.normalize(home);
    return path.length > 3 ? path.replace(/\\+$/, "") : path;
  }
  const path = posix.normalize(home);
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

function extraCandidate(platform: Platform, home: string): Candidate {
  const name = platform === "windows" ? win32.basename(home) : posix.basename(home);
  return { name: name === "" ? home : name, uid: null, gid: null, home, extra: true };
}
