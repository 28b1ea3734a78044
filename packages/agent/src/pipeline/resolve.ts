import { lstatSync, readlinkSync, realpathSync, type BigIntStats } from "node:fs";
import { isAbsolute } from "node:path";
import { errnoOf, type PathKey } from "@sigil/core/plain";
import { liesApart } from "../fs/apart.ts";
import { displayPath, fsPath, keyOfBytes, parentKey } from "../fs/keys.ts";
import { entryOf, namesIn } from "../fs/names.ts";
import { leadsNowhere } from "../fs/nowhere.ts";

/** Links followed before a path counts as a loop (design §2). */
export const MAX_HOPS = 8;

const NO_HOPS: readonly PathKey[] = [];

/** Where a path leads, before anything is opened. */
export type ResolvedPath =
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly errno: string }
  | { readonly kind: "directory"; readonly stat: BigIntStats }
  /** A file, or a special file; `final` is what to open, `link` what the path itself says when it is a link. */
  | {
      readonly kind: "found";
      readonly stat: BigIntStats;
      readonly final: PathKey;
      readonly link: string | null;
      readonly hops: readonly PathKey[];
    }
  /** A link that leads to no file: dangling, a loop, to a directory, where we may not look, or not to be followed. */
  | {
      readonly kind: "link";
      readonly stat: BigIntStats;
      readonly link: string;
      readonly hops: readonly PathKey[];
      readonly why: "not_followed" | "dangling" | "loop" | "directory" | "unreadable";
    };

/**
 * Resolves links one by one (lstat, readlink), so that each hop is known and can be watched.
 * @param follow false: only the link itself is looked at
 */
export function resolvePath(path: PathKey, follow: boolean): ResolvedPath {
  try {
    const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
    if (!stat) return { kind: "absent" };
    if (stat.isDirectory()) return { kind: "directory", stat };
    if (!stat.isSymbolicLink())
      return { kind: "found", stat, final: path, link: null, hops: NO_HOPS };
    return resolveLink(path, stat, follow);
  } catch (error) {
    const errno = errnoOf(error) ?? "EUNKNOWN";
    return leadsNowhere(errno) ? { kind: "absent" } : { kind: "unreadable", errno };
  }
}

/** True when no file has the path: a directory in its place is another thing. */
export function isGone(path: PathKey): boolean {
  const { kind } = resolvePath(path, false);
  return kind === "absent" || kind === "directory";
}

function resolveLink(path: PathKey, stat: BigIntStats, follow: boolean): ResolvedPath {
  const first = readlinkSync(fsPath(path), { encoding: "buffer" });
  const link = displayPath(keyOfBytes(first));
  const hops: PathKey[] = [];
  let at = path;
  let target = first;
  if (!follow) return { kind: "link", stat, link, hops, why: "not_followed" };
  // The link is there whatever becomes of the way: a hop that fails must not make it look gone.
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const step = against(at, target);
    at = step.path;
    hops.push(at);
    const next = step.errno === null ? lookAt(at) : step.errno;
    if (typeof next === "string") return { kind: "link", stat, link, hops, why: brokenBy(next) };
    if (next.isDirectory()) return { kind: "link", stat, link, hops, why: "directory" };
    if (!next.isSymbolicLink()) {
      if (liesApart(at)) return { kind: "link", stat, link, hops: [], why: "not_followed" };
      return { kind: "found", stat: next, final: at, link, hops };
    }
    target = readlinkSync(fsPath(at), { encoding: "buffer" });
  }
  return { kind: "link", stat, link, hops, why: "loop" };
}

/** @returns the errno when there is nothing to see */
function lookAt(path: PathKey): BigIntStats | string {
  try {
    return lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false }) ?? "ENOENT";
  } catch (error) {
    return errnoOf(error) ?? "EUNKNOWN";
  }
}

function brokenBy(errno: string): "dangling" | "loop" | "unreadable" {
  if (errno === "ELOOP") return "loop";
  return leadsNowhere(errno) ? "dangling" : "unreadable";
}

/** Where a link's text leads; `errno` when a directory on the way fails, and then `path` is that directory. */
interface Step {
  readonly path: PathKey;
  readonly errno: string | null;
}

/**
 * A link's text against the directory the link is in. The directory is made real first: `..` after a linked
 * directory means the parent of where that link leads.
 */
function against(link: PathKey, target: Buffer): Step {
  const key = keyOfBytes(target);
  if (isAbsolute(displayPath(key))) return { path: key, errno: null };
  let directory = realDirectory(parentKey(link) ?? "/");
  const names = namesIn(target);
  const last = names.pop();
  for (const name of names) {
    const next = entryOf(directory, name);
    try {
      directory = realDirectory(next);
    } catch (error) {
      return { path: next, errno: errnoOf(error) ?? "EUNKNOWN" };
    }
  }
  return { path: last ? entryOf(directory, last) : directory, errno: null };
}

function realDirectory(path: PathKey): PathKey {
  return keyOfBytes(realpathSync.native(fsPath(path), { encoding: "buffer" }));
}
