/** Parsers of macOS tool output and files. Pure; bounded by what their callers read. */
import { isUuid } from "./uuid-text.ts";

/** The IOPlatformUUID of `ioreg -rd1 -c IOPlatformExpertDevice`, lower-case, or null. */
export function parseIoreg(text: string): string | null {
  const uuid = /^[ |]*"IOPlatformUUID" = "([0-9A-Fa-f-]{36})"\s*$/m.exec(text)?.[1];
  return uuid !== undefined && isUuid(uuid) ? uuid.toLowerCase() : null;
}

/** `dscl . -list /Users KEY`: a name, blanks, then the value to the end of the line. */
export function parseDsclList(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const found = /^(\S+)[ \t]+(\S.*?)[ \t]*$/.exec(line);
    if (found?.[1] !== undefined && found[2] !== undefined) values.set(found[1], found[2]);
  }
  return values;
}

/** Accounts of people start at 501; 500 and below, and names with `_`, are the system's. */
export function isSystemAccount(name: string, uid: number | null): boolean {
  if (uid === 0) return false;
  return (
    name.startsWith("_") ||
    name === "nobody" ||
    name === "daemon" ||
    (uid !== null && (uid < 501 || uid > 0x7f_ff_ff_ff))
  );
}

/** `ProductName ProductVersion` of SystemVersion.plist (XML), or null. */
export function parseSystemVersion(text: string): string | null {
  const value = (key: string): string =>
    new RegExp(`<key>${key}</key>\\s*<string>([^<]{1,64})</string>`).exec(text)?.[1] ?? "";
  const name = value("ProductName");
  return name === "" ? null : `${name} ${value("ProductVersion")}`.trim();
}

/** The top-level `state = …` line of `launchctl print`; its nested endpoints have their own. */
export function parseLaunchctlState(text: string): string | null {
  return /^\tstate = (\S.*?)\s*$/m.exec(text)?.[1] ?? null;
}
