import { type Unanswered, unanswered } from "./reason.ts";

/**
 * A path as bytes: each char of the string is one byte (latin1), separators are `/`. Names need not
 * be UTF-8, and string operations on bytes are exact this way.
 */
export type BytePath = string;

const WINDOWS = process.platform === "win32";

/** What file system calls get. */
export function toBuffer(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

export function fromBuffer(bytes: Uint8Array): BytePath {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return WINDOWS ? text.replaceAll("\\", "/") : text;
}

/** `/`, or `C:/` on Windows. UNC and device paths have no root here: they can name a remote host. */
export function rootOf(path: BytePath): string | null {
  if (!WINDOWS) return path.startsWith("/") ? "/" : null;
  return /^[A-Za-z]:\//u.test(path) ? path.slice(0, 3) : null;
}

/** Whether the path starts anywhere but at the directory it is relative to. */
export function isRooted(path: BytePath): boolean {
  return path.startsWith("/") || (WINDOWS && /^[A-Za-z]:/u.test(path));
}

export function join(directory: BytePath, name: BytePath): BytePath {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

/** The directory above, or null at the root. */
export function parentOf(path: BytePath): BytePath | null {
  const root = rootOf(path);
  if (root === null || path.length <= root.length) return null;
  const cut = path.lastIndexOf("/");
  return cut < root.length ? root : path.slice(0, cut);
}

/** The part of `path` below `directory`, or null if it is not below it. */
export function below(directory: BytePath, path: BytePath): BytePath | null {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  return path.length > prefix.length && path.startsWith(prefix) ? path.slice(prefix.length) : null;
}

/** An absolute path without `.`, empty or trailing parts; `..` is refused, not guessed at. */
export function bytePath(path: string | Uint8Array, maxBytes: number): BytePath | Unanswered {
  const bytes = typeof path === "string" ? Buffer.from(path, "utf8") : path;
  if (bytes.length > maxBytes || bytes.includes(0)) return unanswered("bad_path");
  const text = fromBuffer(bytes);
  const root = rootOf(text);
  if (root === null) return unanswered("bad_path");
  const parts = text.slice(root.length).split("/");
  const kept = parts.filter((part) => part !== "" && part !== ".");
  if (kept.length === 0 || kept.includes("..")) return unanswered("bad_path");
  return root + kept.join("/");
}
