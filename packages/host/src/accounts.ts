/** Reads the accounts each operating system knows, before their homes are looked at. */
import { win32 } from "node:path";
import { type RunCommand, whyNoAnswer } from "./command.ts";
import { isSystemAccount, parseDsclList } from "./darwin.ts";
import { type FileReader, textOf, whyUnread } from "./file.ts";
import {
  type UidRange,
  UID_RANGE,
  isNoLoginShell,
  parseId,
  parseLoginDefs,
  parsePasswd,
} from "./linux.ts";
import type { Env, Platform } from "./platform.ts";
import { parseProfileList } from "./win32.ts";

export type SkipReason =
  | "malformed"
  | "system_account"
  | "no_login"
  | "relative_home"
  | "remote_home"
  | "undecodable_home"
  | "root_directory"
  | "missing_home"
  | "duplicate_home"
  | "over_limit";

/** Where accounts are read from. Tests and settings replace the two files. */
export type UserSource = {
  readonly files: FileReader;
  readonly run: RunCommand;
  readonly env: Env;
  /** Default /etc/passwd. */
  readonly passwd?: string;
  /** Default /etc/login.defs, then /usr/etc/login.defs. */
  readonly loginDefs?: readonly string[];
};

export type Candidate = {
  readonly name: string;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly home: string;
  /** Named by policy, not by an account. */
  readonly extra: boolean;
};

export type Candidates = {
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly { readonly name: string; readonly reason: SkipReason }[];
  readonly problems: readonly string[];
};

export function candidates(
  platform: Platform,
  source: UserSource,
  maxBytes: number,
): Promise<Candidates> {
  if (platform === "linux") return linuxAccounts(source, maxBytes);
  return platform === "macos" ? macosAccounts(source, maxBytes) : windowsProfiles(source, maxBytes);
}

async function linuxAccounts(source: UserSource, maxBytes: number): Promise<Candidates> {
  const path = source.passwd ?? "/etc/passwd";
  // Followed: on image-based systems /etc/passwd is a link that root made.
  const outcome = await source.files.read(path, { maxBytes, follow: true });
  if (outcome.kind !== "read") return nobody(`${path} is ${whyUnread(outcome)}`);
  const range = await uidRange(source);
  const { entries, malformed } = parsePasswd(outcome.text);
  const found: Candidate[] = [];
  const skipped: { name: string; reason: SkipReason }[] = malformed.map((line) => ({
    name: `line ${line}`,
    reason: "malformed",
  }));
  for (const entry of entries) {
    const { name, uid, gid, home } = entry;
    const person = uid === 0 || (uid >= range.min && uid <= range.max);
    if (!person) skipped.push({ name, reason: "system_account" });
    else if (isNoLoginShell(entry.shell)) skipped.push({ name, reason: "no_login" });
    else found.push({ name, uid, gid, home, extra: false });
  }
  return { candidates: found, skipped, problems: [] };
}

async function uidRange(source: UserSource): Promise<UidRange> {
  for (const path of source.loginDefs ?? ["/etc/login.defs", "/usr/etc/login.defs"]) {
    const text = textOf(await source.files.read(path, { follow: true }));
    if (text !== null) return parseLoginDefs(text);
  }
  return UID_RANGE;
}

async function macosAccounts(source: UserSource, maxBytes: number): Promise<Candidates> {
  const list = (key: string) => dsclList(source.run, key, maxBytes);
  const homes = await list("NFSHomeDirectory");
  const uids = await list("UniqueID");
  const gids = await list("PrimaryGroupID");
  const shells = await list("UserShell");
  const problems = [homes, uids, gids, shells].flatMap((part) => part.problems);
  const found: Candidate[] = [];
  const skipped: { name: string; reason: SkipReason }[] = [];
  for (const [name, value] of homes.values) {
    const uid = parseId(uids.values.get(name) ?? "");
    const gid = parseId(gids.values.get(name) ?? "");
    if (isSystemAccount(name, uid)) skipped.push({ name, reason: "system_account" });
    else if (isNoLoginShell(shells.values.get(name) ?? ""))
      skipped.push({ name, reason: "no_login" });
    else found.push({ name, uid, gid, home: firstHome(value), extra: false });
  }
  return { candidates: found, skipped, problems };
}

/** root may have two: `/var/root /private/var/root`. A blank inside a path is not followed by `/`. */
function firstHome(value: string): string {
  return value.split(/ +(?=\/)/, 1)[0] ?? value;
}

async function dsclList(run: RunCommand, key: string, maxBytes: number) {
  const outcome = await run("dscl", [".", "-list", "/Users", key], { maxBytes });
  if (outcome.kind === "exited" && outcome.code === 0) {
    return { values: parseDsclList(outcome.stdout), problems: [] };
  }
  return {
    values: new Map<string, string>(),
    problems: [`${key} of /Users is unknown: ${whyNoAnswer(outcome, "dscl")}`],
  };
}

const PROFILE_LIST = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList";

async function windowsProfiles(source: UserSource, maxBytes: number): Promise<Candidates> {
  const outcome = await source.run("reg", ["query", PROFILE_LIST, "/s"], { maxBytes });
  if (outcome.kind !== "exited" || outcome.code !== 0) {
    return nobody(`the profile list is unknown: ${whyNoAnswer(outcome, "reg")}`);
  }
  const found = parseProfileList(outcome.stdout, source.env).map(({ home }) => ({
    name: win32.basename(home),
    uid: null,
    gid: null,
    home,
    extra: false,
  }));
  return { candidates: found, skipped: [], problems: [] };
}

function nobody(problem: string): Candidates {
  return { candidates: [], skipped: [], problems: [problem] };
}
