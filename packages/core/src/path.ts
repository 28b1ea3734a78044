/**
 * A path as this program keys it. Names on Linux are bytes: a path that is valid UTF-8 is that text; any other is a
 * NUL followed by one character (U+0000–U+00FF) per byte. No path holds a NUL, so the two never meet.
 */
export type PathKey = string;

const RAW = "\0";

/** True for a path whose bytes are not UTF-8. */
export function isRawKey(key: PathKey): boolean {
  return key.startsWith(RAW);
}

/** The one-character-per-byte text of a raw key (without its mark), else the key itself. */
export function keyText(key: PathKey): string {
  return isRawKey(key) ? key.slice(1) : key;
}

/** Marks one-character-per-byte text as a raw key. */
export function rawKey(latin1: string): PathKey {
  return RAW + latin1;
}

const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/**
 * A key as policy text can name it: a raw key is decoded where its bytes are UTF-8, so that one odd byte in a file
 * name does not hide it below `/home/jürgen`; every other byte is one lone surrogate (U+DC80–U+DCFF).
 */
export function readableText(key: PathKey): string {
  if (!isRawKey(key)) return key;
  return keyText(key).replace(UTF8, (bytes) => {
    if (bytes.length === 1) return String.fromCharCode(0xdc00 + bytes.charCodeAt(0));
    const escaped = Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
    return decodeURIComponent(escaped.join(""));
  });
}

/** The parent directory of an absolute path, or null at a root (`/`, `C:\`). */
export function parentOf(path: string): string | null {
  const end = lastSeparator(path);
  if (end < 0) return null;
  if (end === 0) return path.length > 1 ? path.slice(0, 1) : null;
  if (end === 2 && path[1] === ":") return path.length > 3 ? path.slice(0, 3) : null;
  return path.slice(0, end);
}

/** The last component of a path. */
export function nameOf(path: string): string {
  return path.slice(lastSeparator(path) + 1);
}

/** True when `path` is `base` or lies below it. A backslash separates only in Windows paths: elsewhere names hold it. */
export function isWithin(path: string, base: string): boolean {
  if (!path.startsWith(base)) return false;
  if (path.length === base.length) return true;
  const windows = isWindowsPath(base);
  return isSeparator(base[base.length - 1], windows) || isSeparator(path[base.length], windows);
}

/** `path` relative to `base` with forward slashes; "" when they are equal. Requires `isWithin(path, base)`. */
export function relativeTo(path: string, base: string): string {
  const windows = isWindowsPath(base);
  const cut = isSeparator(base[base.length - 1], windows) ? base.length : base.length + 1;
  const rest = path.slice(cut);
  return windows ? rest.replaceAll("\\", "/") : rest;
}

function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(path);
}

function isSeparator(char: string | undefined, windows: boolean): boolean {
  return char === "/" || (windows && char === "\\");
}

function lastSeparator(path: string): number {
  return isWindowsPath(path)
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
}
