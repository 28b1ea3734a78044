/** Parsers of Linux files and tool output. Pure; bounded by what their callers read. */

export type PasswdEntry = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
};

export type PasswdText = {
  readonly entries: readonly PasswdEntry[];
  /** One-based numbers of the lines that are no passwd(5) entry. */
  readonly malformed: readonly number[];
};

export type UidRange = { readonly min: number; readonly max: number };

/** shadow's defaults for UID_MIN and UID_MAX. */
export const UID_RANGE: UidRange = { min: 1000, max: 60_000 };

/** passwd(5). Empty lines, comments and NIS compat lines (`+`, `-`) are passed over. */
export function parsePasswd(text: string): PasswdText {
  const entries: PasswdEntry[] = [];
  const malformed: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || /^[#+-]/.test(line)) continue;
    const entry = parsePasswdLine(line);
    if (entry === null) malformed.push(index + 1);
    else entries.push(entry);
  }
  return { entries, malformed };
}

function parsePasswdLine(line: string): PasswdEntry | null {
  // A control character (NUL first of all) would truncate or forge the path further on.
  if (/\p{Cc}/u.test(line)) return null;
  const fields = line.split(":");
  if (fields.length !== 7) return null;
  const [name = "", , uidText = "", gidText = "", , home = "", shell = ""] = fields;
  const uid = parseId(uidText);
  const gid = parseId(gidText);
  if (name === "" || uid === null || gid === null) return null;
  return { name, uid, gid, home, shell };
}

/** A uid or gid; 4294967295 is (uid_t)-1, the kernel's "none". */
export function parseId(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const id = Number(text);
  return id < 0xff_ff_ff_ff ? id : null;
}

/** UID_MIN and UID_MAX of login.defs(5); a missing, malformed or empty range gives the default. */
export function parseLoginDefs(text: string): UidRange {
  const value = (name: string, fallback: number): number => {
    const found = new RegExp(`^[ \\t]*${name}[ \\t]+(\\d{1,10})[ \\t]*(?:#.*)?$`, "m").exec(text);
    return found?.[1] === undefined ? fallback : (parseId(found[1]) ?? fallback);
  };
  const range = { min: value("UID_MIN", UID_RANGE.min), max: value("UID_MAX", UID_RANGE.max) };
  return range.min <= range.max ? range : UID_RANGE;
}

const NO_LOGIN = new Set(["nologin", "false", "true", "sync", "halt", "shutdown"]);

/** An empty shell field means /bin/sh (passwd(5)). */
export function isNoLoginShell(shell: string): boolean {
  return NO_LOGIN.has(shell.slice(shell.lastIndexOf("/") + 1));
}

/** machine-id(5): 32 hexadecimal digits, not all zero. Null for `uninitialized` and anything else. */
export function parseMachineId(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id) ? id : null;
}

/** PRETTY_NAME of os-release(5), else NAME and VERSION_ID; nothing is expanded or executed. */
export function parseOsRelease(text: string): string | null {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (found?.[1] !== undefined) fields.set(found[1], unquote(found[2] ?? ""));
  }
  const pretty = fields.get("PRETTY_NAME") ?? "";
  if (pretty !== "") return pretty;
  const parts = [fields.get("NAME") ?? "", fields.get("VERSION_ID") ?? ""];
  const joined = parts.filter((part) => part !== "").join(" ");
  return joined === "" ? null : joined;
}

function unquote(value: string): string {
  const quoted = /^"(.*)"$/.exec(value) ?? /^'(.*)'$/.exec(value);
  return (quoted?.[1] ?? value).replaceAll(/\\(["$`\\])/g, "$1");
}

/** `KEY=value` lines of `systemctl show` and `timedatectl show`. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (at > 0) properties.set(line.slice(0, at), line.slice(at + 1));
  }
  return properties;
}
