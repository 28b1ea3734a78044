import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, fstatSync, opendirSync, readlinkSync, readSync } from "node:fs";
import { normalize } from "node:path";
import { errnoOf, toDigest } from "@sigil/core/plain";
import type { Env, Platform } from "@sigil/host";
import type { DirectoryEntry, FileFacts, FileView, UrlView, World } from "@sigil/risk";
import { openNoFollow } from "../fs/open.ts";
import type { Hasher } from "@sigil/ports/hash";
import { modesReader } from "./facts.ts";
import { privateGroups, type IsPrivateGroup } from "./groups.ts";
import { programFinder } from "./programs.ts";
import { createWalker, type Seen, type Way } from "./way.ts";

export interface WorldInput {
  readonly platform: Platform;
  /** The user's environment: PATH is looked up in it. */
  readonly env: Env;
  /** Owner of the home that is looked at; null where there are no owners. */
  readonly homeOwner: number | null;
  /** Owners whose files a link may lead to; null: any (an unprivileged reader can reach no more than its user). */
  readonly linkOwners: ReadonlySet<number> | null;
  readonly hasher: Hasher;
  /** What git tracks, asked before: reading an index is asynchronous. */
  readonly tracked: ReadonlyMap<string, boolean | null>;
  /** Told of a path that `tracked` does not have. */
  readonly onUntold?: (path: string) => void;
  readonly isPrivateGroup?: IsPrivateGroup;
}

type Found = Extract<Way, { kind: "found" }>;

/** A world that looks at no path twice within one scan. */
export interface ScanWorld extends World {
  /** Before another scan: what was seen may have changed. */
  forget(): void;
}

/**
 * The machine as `@sigil/risk` sees it, on real files. Opens regular files only, each by the path its links were
 * resolved to; runs nothing.
 */
export function createWorld(input: WorldInput): ScanWorld {
  const { platform, env, hasher } = input;
  const walker = createWalker(platform);
  const modes = modesReader({
    platform,
    homeOwner: input.homeOwner,
    isPrivateGroup: input.isPrivateGroup ?? privateGroups(),
  });
  const isAdminOnly = (file: Seen, above: readonly Seen[]) => modes(file, above).adminOnly === true;
  const programs = programFinder({ platform, env, walker, isAdminOnly });
  return {
    platform,
    read(path, limit) {
      const way = walker.walk(path);
      if (way.kind !== "found") return way;
      const factsOf = (file: Seen, size: number): FileFacts => ({
        realPath: way.end.path,
        links: way.links,
        size,
        ...modes(file, way.above),
      });
      return readFound(way, limit, { factsOf, hasher, linkOwners: input.linkOwners });
    },
    list(path, limit) {
      const way = walker.walk(path);
      return way.kind === "found" && way.end.kind === "directory"
        ? listDirectory(way.end.path, limit)
        : [];
    },
    program: (name) => programs.find(name),
    tracked(path) {
      const known = input.tracked.get(normalize(path));
      if (known === undefined) input.onUntold?.(normalize(path));
      return known ?? null;
    },
    url: viewUrl,
    base64: decodeBase64,
    hash: (parts) =>
      toDigest(hasher.digest(Buffer.from(parts.map((part) => `${part}\0`).join("")))),
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    // `performance` would load a module of its own first: 3 ms of a scan.
    now: () => Number(process.hrtime.bigint()) / 1e6,
    forget() {
      walker.forget();
      programs.forget();
    },
  };
}

interface ReadPorts {
  readonly factsOf: (file: Seen, size: number) => FileFacts;
  readonly hasher: Hasher;
  readonly linkOwners: ReadonlySet<number> | null;
}

/** Files there answer with what the kernel makes up, and reading some of them as root has effects. */
const KERNEL = /^\/(?:proc|sys)\//;

function readFound(way: Found, limit: number, ports: ReadPorts): FileView {
  const { end } = way;
  if (end.kind === "directory") return { kind: "directory", realPath: end.path };
  if (end.kind !== "file" || KERNEL.test(end.path)) return { kind: "not_regular" };
  try {
    const descriptor = openNoFollow(end.path);
    try {
      return readOpen(descriptor, way, limit, ports);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const errno = errnoOf(error) ?? "EUNKNOWN";
    if (errno === "ENOENT") return { kind: "absent" };
    return { kind: "unreadable", why: errno };
  }
}

function readOpen(descriptor: number, way: Found, limit: number, ports: ReadPorts): FileView {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) return { kind: "not_regular" };
  if (!isAt(descriptor, way.end.path)) return { kind: "unreadable", why: "moved" };
  // Read as root, a user's link must not lead to what that user may not read.
  if (way.links.length > 0 && ports.linkOwners && !ports.linkOwners.has(stat.uid))
    return { kind: "unreadable", why: "not_followed" };
  const { uid, gid, dev } = stat;
  const file: Seen = { ...way.end, uid, gid, dev, mode: stat.mode & 0o7777 };
  const bytes = stat.size > limit ? null : readUpTo(descriptor, stat.size, limit);
  if (bytes === null)
    return { kind: "too_large", size: stat.size, facts: ports.factsOf(file, stat.size) };
  const text = bytes.toString("utf8");
  return {
    kind: "read",
    text,
    binary: bytes.includes(0) || !isUtf8(bytes),
    digest: toDigest(ports.hasher.digest(bytes)),
    facts: ports.factsOf(file, bytes.length),
  };
}

/** A parent directory swapped for a link after it was resolved leads elsewhere: on Linux the kernel says where. */
function isAt(descriptor: number, path: string): boolean {
  if (process.platform !== "linux") return true;
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
  } catch (error) {
    // Without /proc there is no one to ask.
    return errnoOf(error) === "ENOENT";
  }
}

/** @returns null when there is more than `limit`: a file may grow after its size was taken */
function readUpTo(descriptor: number, size: number, limit: number): Buffer | null {
  let buffer = Buffer.allocUnsafe(Math.min(size, limit) + 1);
  let total = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, total, buffer.length - total, null);
    total += count;
    if (count === 0) return buffer.subarray(0, total);
    if (total > limit) return null;
    if (total < buffer.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(buffer.length * 2, limit + 1));
    buffer.copy(larger);
    buffer = larger;
  }
}

/** Entries read from one directory before the first `limit` of them by name are taken. */
const MAX_ENTRIES = 50_000;

function listDirectory(path: string, limit: number): DirectoryEntry[] {
  const found: DirectoryEntry[] = [];
  try {
    const directory = opendirSync(path);
    try {
      for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
        found.push({ name: entry.name, kind: kindOf(entry) });
        if (found.length >= MAX_ENTRIES) break;
      }
    } finally {
      directory.closeSync();
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function kindOf(entry: Kinds): DirectoryEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
}

function viewUrl(text: string): UrlView | null {
  const url = URL.parse(text);
  if (!url) return null;
  return {
    scheme: url.protocol.slice(0, -1),
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    path: url.pathname,
    credentials: url.username !== "" || url.password !== "",
    query: url.search !== "",
  };
}

function decodeBase64(text: string): string | null {
  // Encoders break lines; a space inside one means words.
  const packed = text.trim().replace(/[\t ]*[\r\n]+[\t ]*/g, "");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(packed)) return null;
  if (packed.replace(/=+$/, "").length % 4 === 1) return null;
  return Buffer.from(packed, "base64").toString("utf8");
}
