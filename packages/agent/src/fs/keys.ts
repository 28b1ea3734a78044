import { isUtf8 } from "node:buffer";
import { sep } from "node:path";
import { isRawKey, keyText, rawKey, type PathKey } from "@sigil/core/plain";

/** The key of a path given as bytes. */
export function keyOfBytes(bytes: Buffer): PathKey {
  return isUtf8(bytes) ? bytes.toString("utf8") : rawKey(bytes.toString("latin1"));
}

/** The bytes of a path. */
export function bytesOfKey(key: PathKey): Buffer {
  return isRawKey(key) ? Buffer.from(keyText(key), "latin1") : Buffer.from(key, "utf8");
}

/** What node:fs takes for a key: text when it is text, else the very bytes. */
export function fsPath(key: PathKey): string | Buffer {
  return isRawKey(key) ? bytesOfKey(key) : key;
}

/** What people and the wire see of a path; bytes that are not UTF-8 read U+FFFD. */
export function displayPath(key: PathKey): string {
  return isRawKey(key) ? bytesOfKey(key).toString("utf8") : key;
}

/** The key of an entry of a directory. `name` is text only if its bytes are UTF-8. */
export function joinKey(directory: PathKey, name: string | Buffer): PathKey {
  const utf8 = typeof name === "string" || isUtf8(name);
  if (utf8 && !isRawKey(directory)) return withSeparator(directory) + name.toString();
  const latin1 =
    typeof name === "string" ? Buffer.from(name).toString("latin1") : name.toString("latin1");
  const parent = isRawKey(directory)
    ? keyText(directory)
    : Buffer.from(directory).toString("latin1");
  return rawKey(withSeparator(parent) + latin1);
}

/** The key of the directory a path is in, or null at a root. Works on raw keys too. */
export function parentKey(key: PathKey): PathKey | null {
  const text = keyText(key);
  const end =
    sep === "\\" ? Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\")) : text.lastIndexOf("/");
  if (end < 0 || text.length === 1) return null;
  const head = text.slice(0, Math.max(end, 1));
  const parent = sep === "\\" && head.endsWith(":") ? `${head}\\` : head;
  if (parent === text) return null;
  if (!isRawKey(key)) return parent;
  return keyOfBytes(Buffer.from(parent, "latin1"));
}

/** True for a path at or below a directory. Compares bytes where one is text and the other is not. */
export function isBelow(path: PathKey, directory: PathKey): boolean {
  if (path === directory) return true;
  if (isRawKey(path) === isRawKey(directory))
    return keyText(path).startsWith(withSeparator(keyText(directory)));
  const start = Buffer.from(withSeparator(directory));
  return isRawKey(path) && bytesOfKey(path).subarray(0, start.length).equals(start);
}

function withSeparator(directory: string): string {
  return directory.endsWith("/") || directory.endsWith(sep) ? directory : directory + sep;
}
