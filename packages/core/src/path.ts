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

/** True when `path` is `base` or lies below it. */
export function isWithin(path: string, base: string): boolean {
  if (!path.startsWith(base)) return false;
  if (path.length === base.length) return true;
  return isSeparator(base[base.length - 1]) || isSeparator(path[base.length]);
}

/** `path` relative to `base` with forward slashes; "" when they are equal. Requires `isWithin(path, base)`. */
export function relativeTo(path: string, base: string): string {
  const cut = isSeparator(base[base.length - 1]) ? base.length : base.length + 1;
  const rest = path.slice(cut);
  return rest.includes("\\") && base.includes("\\") ? rest.replaceAll("\\", "/") : rest;
}

function isSeparator(char: string | undefined): boolean {
  return char === "/" || char === "\\";
}

function lastSeparator(path: string): number {
  return /^[A-Za-z]:\\|^\\\\/.test(path)
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
}
