import { lstat } from "node:fs/promises";
import { errnoOf } from "@sigil/core/plain";
import { type Platform, currentPlatform } from "./platform.ts";

export type ExpectedMode = {
  readonly kind: "directory" | "file" | "socket";
  /** Permission bits that may be set; fewer are fine. */
  readonly atMost: number;
};

/** Design §4: directories 0750, files 0640, state and keys 0600, or stricter. */
export const EXPECTED = {
  directory: { kind: "directory", atMost: 0o750 },
  file: { kind: "file", atMost: 0o640 },
  secret: { kind: "file", atMost: 0o600 },
  /** A socket's own bits do not guard it on every system: its directory's do. */
  socket: { kind: "socket", atMost: 0o777 },
} as const satisfies Readonly<Record<string, ExpectedMode>>;

export type ModeProblem = {
  readonly code: "too_open" | "foreign_owner" | "wrong_kind" | "unreadable";
  readonly text: string;
};

export type ModeReport = {
  readonly path: string;
  /** False on Windows, where access is in ACLs this package does not read: "not observable". */
  readonly observable: boolean;
  /** Null when it cannot be told. */
  readonly exists: boolean | null;
  /** Permission bits, `mode & 0o7777`. */
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
  /** Empty for an absent path: absence is for the caller to judge. */
  readonly problems: readonly ModeProblem[];
};

export type ModeStats = {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  isDirectory(): boolean;
  isFile(): boolean;
  isSocket(): boolean;
};

export type InspectOptions = {
  readonly platform?: Platform;
  /** The uid that may own the path besides root. */
  readonly self?: number | null;
  /** Must not follow links. */
  readonly lstat?: (path: string) => Promise<ModeStats>;
};

const NOTHING = { exists: null, mode: null, uid: null, gid: null, problems: [] };

/**
 * What a path's owner and mode are and where they drift from `expected`; nothing is repaired.
 * A link is reported as `wrong_kind`, not followed. POSIX ACLs are not seen.
 */
export async function inspectMode(
  path: string,
  expected: ExpectedMode,
  options: InspectOptions = {},
): Promise<ModeReport> {
  const platform = options.platform ?? currentPlatform();
  if (platform === "windows") return { path, observable: false, ...NOTHING };
  try {
    const stats = await (options.lstat ?? lstat)(path);
    const mode = stats.mode & 0o7777;
    const problems = problemsOf(stats, expected, options.self ?? selfUid());
    return { path, observable: true, exists: true, mode, uid: stats.uid, gid: stats.gid, problems };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") {
      return { path, observable: true, ...NOTHING, exists: false };
    }
    const text = `cannot be inspected (${errno ?? "unknown"})`;
    return { path, observable: true, ...NOTHING, problems: [{ code: "unreadable", text }] };
  }
}

/** True for the current user's or root's, and wherever uids do not exist (Windows). */
export function ownedBySelfOrRoot(
  stat: { readonly uid: number },
  self: number | null = selfUid(),
): boolean {
  return self === null || stat.uid === 0 || stat.uid === self;
}

/** Four octal digits, as `chmod` takes them. */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function selfUid(): number | null {
  return process.geteuid?.() ?? null;
}

function problemsOf(stats: ModeStats, expected: ExpectedMode, self: number | null): ModeProblem[] {
  const problems: ModeProblem[] = [];
  if (!isKind(stats, expected.kind)) {
    // A link's own mode is always 0777 and says nothing more.
    return [{ code: "wrong_kind", text: `is not a ${expected.kind}` }];
  }
  if (!ownedBySelfOrRoot(stats, self)) {
    const text = `belongs to uid ${stats.uid}, not to root or uid ${self}`;
    problems.push({ code: "foreign_owner", text });
  }
  const mode = stats.mode & 0o7777;
  // Setuid, setgid and sticky only matter where they give access; on directories they do not.
  const bits = expected.kind === "directory" ? mode & 0o777 : mode;
  if ((bits & ~expected.atMost) !== 0) {
    const text = `has mode ${formatMode(mode)}, expected ${formatMode(expected.atMost)} or stricter`;
    problems.push({ code: "too_open", text });
  }
  return problems;
}

function isKind(stats: ModeStats, kind: ExpectedMode["kind"]): boolean {
  if (kind === "directory") return stats.isDirectory();
  return kind === "socket" ? stats.isSocket() : stats.isFile();
}
