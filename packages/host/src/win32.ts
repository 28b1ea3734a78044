/** Parsers of Windows tool output, and Windows path rules. Pure. */
import { type Env, envValue } from "./platform.ts";
import { isUuid } from "./uuid-text.ts";

/** An absolute path on a drive: not UNC (touching one logs on to another machine), not `\x`. */
export function isDrivePath(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path);
}

/** %SystemRoot% when it is a plain drive path, else `C:\Windows`. */
export function systemRoot(env: Env): string {
  const value = envValue(env, "SystemRoot", "windows");
  return value !== undefined && /^[A-Za-z]:\\\w[\w .-]*$/.test(value) ? value : "C:\\Windows";
}

/** The MachineGuid of `reg query HKLM\SOFTWARE\Microsoft\Cryptography /v MachineGuid`, or null. */
export function parseMachineGuid(text: string): string | null {
  const guid = /^\s*MachineGuid\s+REG_SZ\s+\{?([0-9A-Fa-f-]{36})\}?\s*$/m.exec(text)?.[1];
  return guid !== undefined && isUuid(guid) ? guid.toLowerCase() : null;
}

export type Profile = { readonly sid: string; readonly home: string };

/**
 * Profiles of people in `reg query "…\ProfileList" /s`: local and domain accounts (S-1-5-21-…)
 * and Entra ID accounts (S-1-12-1-…). Services, defaults and `.bak` leftovers are passed over.
 * %SystemDrive% and %SystemRoot% are expanded, nothing else is.
 */
export function parseProfileList(text: string, env: Env): readonly Profile[] {
  const profiles: Profile[] = [];
  let sid: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("HKEY_")) sid = userSid(line);
    const value = /^\s+ProfileImagePath\s+REG_(?:EXPAND_)?SZ\s+(\S.*?)\s*$/.exec(line)?.[1];
    if (sid !== null && value !== undefined) profiles.push({ sid, home: expand(value, env) });
  }
  return profiles;
}

function userSid(key: string): string | null {
  return /\\ProfileList\\(S-1-(?:5-21|12-1)(?:-\d{1,10}){4})\s*$/i.exec(key)?.[1] ?? null;
}

function expand(value: string, env: Env): string {
  const root = systemRoot(env);
  return value
    .replace(/^%SystemDrive%/i, () => root.slice(0, 2))
    .replace(/^%SystemRoot%/i, () => root);
}

/** `sc.exe` and the code it exits with for a service that does not exist. */
export const ERROR_SERVICE_DOES_NOT_EXIST = 1060;

/** The state's name in `sc.exe query`; found by its number, since the label is translated. */
export function parseScState(text: string): string | null {
  return (
    /^[^:\r\n]+:\s*[1-7]\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/m.exec(
      text,
    )?.[1] ?? null
  );
}
